%% What is known of a file, and its forms in a program's memory: struct stat (arch/x86 stat.h),
%% struct statx (uapi/linux/stat.h), struct statfs.
-module(vbeam_linux_stat).
-include_lib("kernel/include/file.hrl").
-include("vbeam_linux_object.hrl").
-include("vbeam_linux_stat.hrl").
-export([of_info/1, bytes/1, extended/1, file_system/1, device/2, entry_type/1, anonymous/1]).
-export_type([stat/0]).

-type stat() :: #stat{}.

-define(BLOCK, 4096).
-define(SECOND, 1000000000).
%% STATX_BASIC_STATS
-define(KNOWN, 16#7ff).

%% A file as OTP describes it. Files that are more than that, such as named pipes, are known to
%% vbeam_linux_registry.
-spec of_info(#file_info{}) -> stat().
of_info(#file_info{type = Type} = Info) ->
    Device = number(Info#file_info.major_device),
    Inode = number(Info#file_info.inode),
    {Format, Rdev} = format(Type, Device, Inode, Info),
    Size = shown_size(Format, Info),
    #stat{
        device = Device, inode = Inode,
        mode = Format bor (number(Info#file_info.mode) band 8#7777),
        links = number(Info#file_info.links), user = number(Info#file_info.uid),
        group = number(Info#file_info.gid), rdev = Rdev, size = Size,
        accessed = number(Info#file_info.atime) * ?SECOND,
        modified = number(Info#file_info.mtime) * ?SECOND,
        changed = number(Info#file_info.ctime) * ?SECOND
    }.

format(directory, _, _, _) -> {?S_IFDIR, 0};
format(symlink, _, _, _) -> {?S_IFLNK, 0};
format(device, _, _, #file_info{minor_device = Rdev}) -> {?S_IFCHR, number(Rdev)};
format(regular, Device, Inode, #file_info{size = Size}) ->
    case vbeam_linux_special:bytes() of
        Size -> vbeam_linux_registry:special(Device, Inode);
        _ -> {?S_IFREG, 0}
    end;
format(_, _, _, #file_info{mode = Mode}) when is_integer(Mode), Mode band ?S_IFMT =/= 0 ->
    {Mode band ?S_IFMT, 0};
format(_, _, _, _) -> {?S_IFIFO, 0}.

shown_size(Format, #file_info{size = Size}) when
    Format =:= ?S_IFREG; Format =:= ?S_IFDIR; Format =:= ?S_IFLNK
->
    number(Size);
shown_size(_, _) ->
    0.

number(N) when is_integer(N) -> N;
number(_) -> 0.

%% Of objects that have no name.
-spec anonymous(Mode :: non_neg_integer()) -> stat().
anonymous(Mode) -> #stat{device = 14, inode = 1, mode = Mode}.

%% Linux's numbers of devices: major and minor in one (makedev(3)).
-spec device(non_neg_integer(), non_neg_integer()) -> non_neg_integer().
device(Major, Minor) ->
    (Minor band 16#ff) bor ((Major band 16#fff) bsl 8) bor ((Minor band 16#fffff00) bsl 12) bor
        ((Major band 16#fffff000) bsl 32).

major(Device) -> ((Device bsr 8) band 16#fff) bor ((Device bsr 32) band 16#fffff000).
minor(Device) -> (Device band 16#ff) bor ((Device bsr 12) band 16#ffffff00).

-spec bytes(stat()) -> binary().
bytes(#stat{} = S) ->
    <<(S#stat.device):64/little, (S#stat.inode):64/little, (S#stat.links):64/little,
        (S#stat.mode):32/little, (S#stat.user):32/little, (S#stat.group):32/little, 0:32,
        (S#stat.rdev):64/little, (S#stat.size):64/little, ?BLOCK:64/little,
        (blocks(S)):64/little, (time(S#stat.accessed))/binary, (time(S#stat.modified))/binary,
        (time(S#stat.changed))/binary, 0:192>>.

time(Nanoseconds) ->
    Seconds = seconds(Nanoseconds),
    <<Seconds:64/little, (Nanoseconds - Seconds * ?SECOND):64/little>>.

%% Rounded down, before 1970, too.
seconds(Nanoseconds) when Nanoseconds >= 0 -> Nanoseconds div ?SECOND;
seconds(Nanoseconds) -> -((-Nanoseconds + ?SECOND - 1) div ?SECOND).

blocks(#stat{mode = Mode, size = Size}) when Mode band ?S_IFMT =:= ?S_IFREG;
    Mode band ?S_IFMT =:= ?S_IFDIR
->
    (Size + ?BLOCK - 1) div ?BLOCK * (?BLOCK div 512);
blocks(_) ->
    0.

-spec extended(stat()) -> binary().
extended(#stat{rdev = Rdev, device = Device} = S) ->
    <<?KNOWN:32/little, ?BLOCK:32/little, 0:64, (S#stat.links):32/little, (S#stat.user):32/little,
        (S#stat.group):32/little, (S#stat.mode):16/little, 0:16, (S#stat.inode):64/little,
        (S#stat.size):64/little, (blocks(S)):64/little, 0:64, (stamp(S#stat.accessed))/binary,
        0:128, (stamp(S#stat.changed))/binary, (stamp(S#stat.modified))/binary,
        (major(Rdev)):32/little, (minor(Rdev)):32/little, (major(Device)):32/little,
        (minor(Device)):32/little, 0:64, 0:64, 0:768>>.

stamp(Nanoseconds) ->
    Seconds = seconds(Nanoseconds),
    <<Seconds:64/little, (Nanoseconds - Seconds * ?SECOND):32/little, 0:32>>.

%% struct statfs of a file system of so many bytes.
-spec file_system(#{type := integer(), bytes := integer(), free := integer()}) -> binary().
file_system(#{type := Type, bytes := Bytes, free := Free}) ->
    Blocks = Bytes div ?BLOCK,
    FreeBlocks = Free div ?BLOCK,
    <<Type:64/little, ?BLOCK:64/little, Blocks:64/little, FreeBlocks:64/little,
        FreeBlocks:64/little, Blocks:64/little, FreeBlocks:64/little, 0:64, 255:64/little,
        ?BLOCK:64/little, 0:64, 0:256>>.

%% The type of a folder's entry (DT_REG and others of dirent.h).
-spec entry_type(Mode :: non_neg_integer()) -> non_neg_integer().
entry_type(Mode) -> (Mode band ?S_IFMT) bsr 12.
