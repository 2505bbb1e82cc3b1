%% Executing a program: execve(2). The file is an ELF program, with the interpreter that it names,
%% or a script that begins with `#!`. Everything is prepared in a new task before the calling thread
%% leaves the old one, so an error leaves it as it was.
%%
%% The stack of a new program (System V ABI for AMD64, 3.4.1), from low to high addresses:
%%
%%     argc, argv ..., NULL, envp ..., NULL, auxiliary vector, padding,
%%     16 random bytes, "x86_64", strings of argv and envp, path, 8 zero bytes
-module(vbeam_linux_exec).
-export([begin_program/4, execute/4]).

-include("vbeam_linux.hrl").

-define(PAGE, 4096).
-define(STACK_TOP, 16#7fffffffe000).
-define(MOVABLE_AT, 16#555555554000).
-define(INTERPRETER_AT, 16#7fff80000000).
%% Scripts that name scripts as their interpreters.
-define(SCRIPTS_MAX, 4).
-define(SCRIPT_LINE_MAX, 255).
-define(READ_WRITE, 3).

-define(AT_NULL, 0).
-define(AT_PHDR, 3).
-define(AT_PHENT, 4).
-define(AT_PHNUM, 5).
-define(AT_PAGESZ, 6).
-define(AT_BASE, 7).
-define(AT_FLAGS, 8).
-define(AT_ENTRY, 9).
-define(AT_UID, 11).
-define(AT_EUID, 12).
-define(AT_GID, 13).
-define(AT_EGID, 14).
-define(AT_PLATFORM, 15).
-define(AT_HWCAP, 16).
-define(AT_CLKTCK, 17).
-define(AT_SECURE, 23).
-define(AT_RANDOM, 25).
-define(AT_HWCAP2, 26).
-define(AT_EXECFN, 31).
-define(AT_MINSIGSTKSZ, 51).
%% What every processor of this kind has, as CPUID leaf 1 says it in EDX: fpu tsc msr cx8 cmov mmx
%% fxsr sse sse2.
-define(HWCAP, 16#07808131).

%% The first program of a group, before it has any memory.
-spec begin_program(Folder :: binary(), binary(), [binary()], [binary()]) ->
    ok | {error, {Reason :: atom() | pos_integer(), Text :: string()}}.
begin_program(_Folder, Path, Arguments, Environment) ->
    try
        enter(prepared(Path, Arguments, Environment, 0), Path)
    catch
        throw:{refused, Errno, Text} -> {error, {Errno, Text}};
        throw:{errno, Errno} -> {error, {Errno, unicode:characters_to_list(Path)}}
    end.

%% Another program in the place of the calling thread's; Name is the path as it was given.
-spec execute(Path :: binary(), Name :: binary(), [binary()], [binary()]) -> no_return().
execute(Path, Name, Arguments, Environment) ->
    New =
        try
            prepared(Path, Arguments, Environment, 0)
        catch
            throw:{refused, Errno, _} -> throw({errno, Errno})
        end,
    Old = vbeam_linux_memory:task(),
    OldSpace = vbeam_linux_memory:space(),
    ok = vbeam_linux_thread:release(),
    ok = vbeam_linux_group:request({execute, self()}),
    ok = vbeam_linux_mapping:released(OldSpace, vbeam_linux_group:process()),
    ok = enter(New, Name),
    ok = vbeam_task:destroy(Old),
    throw(return).

enter({Task, Space, Registers, About}, Name) ->
    Table = vbeam_linux_group:table(),
    true = ets:give_away(Space, vbeam_linux_group:process(), space),
    ok = vbeam_linux_group:use(Table, vbeam_linux_group:number()),
    ok = vbeam_linux_memory:use_task(Task, Space),
    ok = vbeam_task:set_registers(Task, Registers),
    ok = vbeam_linux_signal:handled_reset(Table),
    ok = vbeam_linux_thread:set_alternate({0, 2, 0}),
    _ = erase('$linux_robust'),
    _ = erase('$linux_clear_tid'),
    #{executable := Path, arguments := Arguments, environment := Environment} = About,
    true = ets:insert(Table, [
        {space, Space},
        {has_executed, true},
        {executable, Path},
        {arguments, Arguments},
        {environment, Environment},
        {name, short(filename:basename(Name))}
    ]),
    true = ets:match_delete(Table, {{posix_timer, '_'}, '_'}),
    ok = vbeam_linux_group:request({call, fun vbeam_linux_descriptors:executed/1}).

%% TASK_COMM_LEN has room for 15 bytes.
short(Name) -> binary:part(Name, 0, min(15, byte_size(Name))).

%% --- the file ------------------------------------------------------------------------------

prepared(_, _, _, Scripts) when Scripts > ?SCRIPTS_MAX ->
    refuse(40, "too many interpreters", []);
prepared(Path, Arguments, Environment, Scripts) ->
    {Real, File} = vbeam_linux_program_file:read(Path),
    case File of
        <<"#!", Rest/binary>> ->
            {Interpreter, Extra} = script(Rest, Path),
            Given = case Arguments of [] -> []; [_ | Others] -> Others end,
            prepared(Interpreter, [Interpreter | Extra] ++ [Path | Given], Environment, Scripts + 1);
        _ ->
            image(Real, Path, File, Arguments, Environment)
    end.

%% The interpreter and, as one argument, the rest of the line.
script(Rest, Path) ->
    Line = binary:part(Rest, 0, min(?SCRIPT_LINE_MAX, byte_size(Rest))),
    [First | _] = binary:split(Line, <<"\n">>),
    case binary:split(trimmed(First), [<<" ">>, <<"\t">>]) of
        [<<>>] -> refuse(?ENOEXEC, "~ts: no interpreter after #!", [Path]);
        [Interpreter] -> {Interpreter, []};
        [Interpreter, Argument] -> {Interpreter, [trimmed(Argument)]}
    end.

trimmed(Bytes) -> iolist_to_binary(string:trim(Bytes, both, " \t")).

image(Real, Path, File, Arguments, Environment) ->
    Program = parsed(File, Path),
    Interpreter =
        case Program of
            #{interpreter := none} -> none;
            #{interpreter := Named} ->
                {_, Loader} = vbeam_linux_program_file:read(Named),
                {Loader, parsed(Loader, Named), Named}
        end,
    Task =
        case vbeam_task:create() of
            {ok, New} -> New;
            {error, enosys} -> refuse(?ENOSYS, "~ts: this system has no ring 3 to offer", [Path]);
            {error, emfile} -> refuse(?EAGAIN, "~ts: no more tasks", [Path]);
            {error, enomem} -> refuse(?ENOMEM, "~ts: no memory", [Path])
        end,
    try
        filled(Task, {Real, Path}, {File, Program}, Interpreter, Arguments, Environment)
    catch
        Class:Reason:Trace ->
            ok = vbeam_task:destroy(Task),
            erlang:raise(Class, Reason, Trace)
    end.

parsed(File, Path) ->
    case vbeam_linux_elf:parse(File) of
        {ok, Program} -> Program;
        {error, Reason} -> refuse(?ENOEXEC, "~ts: ~ts", [Path, Reason])
    end.

filled(Task, {Real, Path}, {File, Program}, Interpreter, Arguments, Environment) ->
    Limits = vbeam_linux_group:get(limits, #{}),
    {MemoryMost, _} = vbeam_linux_limits:get(memory, Limits),
    ok = vbeam_task:limit(Task, MemoryMost div ?PAGE),
    Space = vbeam_linux_space:new(),
    #{movable := Movable, entry := Entry, headers := Headers, header_count := Count} = Program,
    Base = case Movable of true -> ?MOVABLE_AT; false -> 0 end,
    End = segments(Task, Space, Base, File, Program, Real),
    {Start, LoaderBase} = interpreter(Task, Space, Interpreter, Base + Entry),
    ok = vbeam_linux_space:set_brk(Space, End, End),
    HeadersAt = case Headers of 0 -> 0; _ -> Base + Headers end,
    Vector = [
        {?AT_HWCAP, ?HWCAP}, {?AT_PAGESZ, ?PAGE}, {?AT_CLKTCK, 100}, {?AT_PHDR, HeadersAt},
        {?AT_PHENT, 56}, {?AT_PHNUM, Count}, {?AT_BASE, LoaderBase}, {?AT_FLAGS, 0},
        {?AT_ENTRY, Base + Entry}
    ],
    Protection = stack_protection(Program),
    {StackBytes, _} = vbeam_linux_limits:get(stack, Limits),
    Top = stack(Task, Space, {StackBytes, Protection}, {Path, Arguments, Environment}, Vector),
    About = #{executable => Real, arguments => Arguments, environment => Environment},
    {Task, Space, #{rip => Start, rsp => Top, rflags => 16#202}, About}.

stack_protection(#{executable_stack := true}) -> 7;
stack_protection(#{executable_stack := false}) -> ?READ_WRITE.

interpreter(_, _, none, Entry) ->
    {Entry, 0};
interpreter(Task, Space, {File, Program, Path}, _) ->
    #{entry := Entry, movable := Movable} = Program,
    Base = case Movable of true -> ?INTERPRETER_AT; false -> 0 end,
    _ = segments(Task, Space, Base, File, Program, Path),
    {Base + Entry, Base}.

%% Rows for all segments; where brk begins.
segments(Task, Space, Base, File, #{segments := Segments}, Name) ->
    lists:foldl(fun(Each, _) -> segment(Task, Space, Base, File, Each, Name) end, 0, Segments).

segment(Task, Space, Base, File, Segment, Name) ->
    #{
        address := Address, memory_bytes := MemoryBytes, offset := Offset,
        file_bytes := FileBytes, protection := Protection
    } = Segment,
    At = Base + Address,
    Skipped = At rem ?PAGE,
    Start = At - Skipped,
    FileEnd = page_up(At + FileBytes),
    End = page_up(At + MemoryBytes),
    End =< ?MOVABLE_AT + 16#100000000000 orelse
        refuse(?ENOEXEC, "~ts: a segment ends at 0x~.16b", [Name, End]),
    Bytes = binary:part(File, Offset - Skipped, FileBytes + Skipped),
    ok = vbeam_linux_space:remove(Task, Space, {Start, End}),
    _ = FileBytes > 0 andalso
        vbeam_linux_space:add(
            Task, Space, {Start, FileEnd, Protection, {bytes, Bytes, 0}, [], Name}
        ),
    From = case FileBytes of 0 -> Start; _ -> FileEnd end,
    _ = From < End andalso
        vbeam_linux_space:add(Task, Space, {From, End, Protection, zero, [], <<>>}),
    End.

page_up(Address) -> (Address + ?PAGE - 1) band bnot (?PAGE - 1).

%% --- the stack -----------------------------------------------------------------------------

stack(Task, Space, {MostBytes, Protection}, {Path, Arguments, Environment}, Vector) ->
    Size = page_up(max(132 * 1024, min(MostBytes, 64 * 1024 * 1024))),
    Strings = [[String, 0] || String <- Arguments ++ Environment],
    Execfn = iolist_size(Strings),
    Platform = Execfn + byte_size(Path) + 1,
    Random = Platform + 7,
    Block = [Strings, Path, 0, "x86_64", 0, vbeam_linux_random:bytes(16), <<0:64>>],
    Bytes = iolist_size(Block),
    Bytes * 4 =< Size orelse throw({errno, ?E2BIG}),
    At = (?STACK_TOP - Bytes) band bnot 15,
    #{user := {User, Effective, _}, group := {Group, EffectiveGroup, _}} =
        vbeam_linux_credentials:get(),
    All = Vector ++ [
        {?AT_UID, User}, {?AT_EUID, Effective}, {?AT_GID, Group}, {?AT_EGID, EffectiveGroup},
        {?AT_SECURE, 0}, {?AT_HWCAP2, 0}, {?AT_MINSIGSTKSZ, 1024}, {?AT_RANDOM, At + Random},
        {?AT_EXECFN, At + Execfn}, {?AT_PLATFORM, At + Platform}, {?AT_NULL, 0}
    ],
    {Pointers, Next} = pointers(Arguments, At),
    {Variables, _} = pointers(Environment, Next),
    Words = [length(Arguments)] ++ Pointers ++ [0] ++ Variables ++ [0] ++
        lists:append([[Key, Value] || {Key, Value} <- All]),
    Top = (At - 8 * length(Words)) band bnot 15,
    Padding = binary:copy(<<0>>, At - Top - 8 * length(Words)),
    Flat = [<< <<Word:64/little>> || Word <- Words >>, Padding, Block],
    ok = vbeam_linux_space:add(
        Task, Space,
        {?STACK_TOP - Size, ?STACK_TOP, Protection, zero, [stack], <<"[stack]">>}
    ),
    ok = vbeam_linux_space:provide(Task, Space, Top, ?STACK_TOP - Top, write),
    case vbeam_task:write(Task, Top, Flat) of
        ok -> Top;
        {error, efault} -> throw({errno, ?ENOMEM})
    end.

pointers(Strings, At) ->
    lists:mapfoldl(fun(String, Place) -> {Place, Place + byte_size(String) + 1} end, At, Strings).

-spec refuse(pos_integer(), string(), [term()]) -> no_return().
refuse(Errno, Format, Arguments) ->
    throw({refused, Errno, lists:flatten(io_lib:format(Format, Arguments))}).
