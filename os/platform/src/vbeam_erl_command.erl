%% The command line of `erl`, when the system runs as a program of a host that gives it one: from
%% the words and the environment to the arguments of `init`. Stands in for OTP's erlexec.c, and for
%% what erl_init.c does with the emulator's flags.
%%
%% It is the first code of the process that becomes `init`: nothing but BIFs and OTP's preloaded
%% modules is there. The tree of drivers is started by the boot script that OTP gets: the one that
%% was asked for, with the system's own steps put into it. It lies in memory, below ?OWN.
-module(vbeam_erl_command).
-export([start/0]).

%% Where the host's root is mounted, what is in memory is here (vm/files/tree.ts).
-define(OWN, "/.vbeam").
-define(SPACES, " \t\n\v\f\r").

-record(command, {
    %% Flags of the emulator, and arguments of init, both last first.
    emulator = [] :: [binary()],
    init = [] :: [binary()],
    halt = false :: boolean()
}).

-spec start() -> no_return().
start() ->
    [_Program | Words] = vbeam_hw:command_line(),
    Root = vbeam_hw:boot_file(<<"erl_root">>),
    Erts = vbeam_hw:boot_file(<<"erl_erts">>),
    Bin = <<Root/binary, "/", Erts/binary, "/bin">>,
    environment(Root, Bin),
    Command = flags(massage(Words), #command{}),
    emulator(reverse(Command#command.emulator)),
    Arguments = reverse(Command#command.init) ++ halt_arguments(Command),
    First = [<<"-root">>, Root, <<"-bindir">>, Bin, <<"-progname">>, <<"erl">>, <<"--">>],
    boot_script(Root, Arguments),
    All = First ++ home() ++ [<<"--">> | Arguments],
    erl_init:start(init, All).

halt_arguments(#command{halt = true}) -> [<<"-s">>, <<"erlang">>, <<"halt">>];
halt_arguments(_) -> [].

%% ---- environment

environment(Root, Bin) ->
    os:putenv("ROOTDIR", text(Root)),
    os:putenv("BINDIR", text(Bin)),
    os:putenv("PROGNAME", "erl"),
    os:putenv("EMU", "beam"),
    Path = os:getenv("PATH"),
    os:putenv("PATH", search_path(Path, text(Root), text(Bin))).

%% The runtime's programs come first.
search_path(false, Root, Bin) ->
    Bin ++ ":" ++ Root ++ "/bin:";
search_path(Path, Root, Bin) ->
    case contains(Path, Root) of
        false -> Bin ++ ":" ++ Root ++ "/bin:" ++ Path;
        true -> Bin ++ ":" ++ without(Path, Bin ++ ":")
    end.

contains([], _) -> false;
contains([_ | Rest] = Text, Part) -> prefix(Part, Text) =/= false orelse contains(Rest, Part).

without([], _) -> [];
without([Char | Rest] = Text, Part) ->
    case prefix(Part, Text) of
        false -> [Char | without(Rest, Part)];
        Behind -> without(Behind, Part)
    end.

prefix([], Rest) -> Rest;
prefix([Char | Part], [Char | Rest]) -> prefix(Part, Rest);
prefix(_, _) -> false.

home() ->
    Home = case os:getenv("HOME") of
        false -> [];
        Folder -> [<<"-home">>, bytes(Folder)]
    end,
    case os:getenv("ERL_EPMD_PORT") of
        false -> Home;
        Port -> Home ++ [<<"-epmd_port">>, bytes(Port)]
    end.

%% ---- flags from the environment and from files

%% All words in OTP's order; what stands behind -extra comes last.
massage(Words) ->
    Release = "ERL_OTP" ++ erlang:system_info(otp_release) ++ "_FLAGS",
    Before = variable(Release) ++ variable("ERL_AFLAGS"),
    After = variable("ERL_FLAGS") ++ variable("ERL_ZFLAGS"),
    case Before =:= [] andalso After =:= [] andalso not has_file(Words) of
        true ->
            Words;
        false ->
            Own = if Words =:= [] -> []; true -> [Words, [<<"--">>]] end,
            {All, Extra} = expand(Before ++ Own ++ After, [], []),
            reverse(All) ++ case Extra of [] -> []; _ -> [<<"-extra">> | reverse(Extra)] end
    end.

has_file([<<"-args_file">> | _]) -> true;
has_file([<<"-extra">> | _]) -> false;
has_file([_ | Rest]) -> has_file(Rest);
has_file([]) -> false.

%% A list of words for a variable, in a list; none without words.
variable(Name) ->
    case os:getenv(Name) of
        false -> [];
        Value -> case split(bytes(Value), false) of [] -> []; Words -> [Words ++ [<<"--">>]] end
    end.

expand([], All, Extra) -> {All, Extra};
expand([[] | Lists], All, Extra) -> expand(Lists, All, Extra);
expand([[<<"-args_file">>] | _], _, _) -> missing(<<"-args_file">>);
expand([[<<"-args_file">>, File | Words] | Lists], All, Extra) ->
    expand([file_words(File), Words | Lists], All, Extra);
expand([[<<"-extra">> | Words] | Lists], All, Extra) ->
    expand(Lists, All, reverse(Words) ++ Extra);
expand([[Word | Words] | Lists], All, Extra) -> expand([Words | Lists], [Word | All], Extra).

file_words(File) ->
    case prim_file:read_file(File) of
        {ok, <<>>} -> [];
        {ok, Text} -> case split(Text, true) of [] -> []; Words -> Words ++ [<<"--">>] end;
        {error, Reason} ->
            {ok, Folder} = prim_file:get_cwd(),
            Where = ["\" at \"", bytes(Folder), "\": "],
            usage(["Failed to open arguments file \"", File, Where, reason(Reason), "\n"])
    end.

reason(enoent) -> "No such file or directory";
reason(eacces) -> "Permission denied";
reason(eisdir) -> "Is a directory";
reason(enotdir) -> "Not a directory";
reason(Reason) -> atom_to_list(Reason).

%% Words between spaces, with quotes and backslashes; `Comments`: # begins a comment.
split(Text, Comments) -> between(Text, Comments, []).

between(<<>>, _, Words) -> reverse(Words);
between(<<$#, Rest/binary>>, true, Words) -> between(line_end(Rest), true, Words);
between(<<Char, Rest/binary>> = Text, Comments, Words) ->
    case is_space(Char) of
        true -> between(Rest, Comments, Words);
        false -> word(Text, Comments, <<>>, Words)
    end.

word(<<>>, Comments, Word, Words) -> between(<<>>, Comments, [Word | Words]);
word(<<$#, _/binary>> = Text, true, Word, Words) -> between(Text, true, [Word | Words]);
word(<<$\\, Char, Rest/binary>>, Comments, Word, Words) ->
    word(Rest, Comments, <<Word/binary, Char>>, Words);
word(<<$\\>>, Comments, Word, Words) -> word(<<>>, Comments, Word, Words);
word(<<Quote, Rest/binary>>, Comments, Word, Words) when Quote =:= $"; Quote =:= $' ->
    quoted(Rest, Quote, Comments, Word, Words);
word(<<Char, Rest/binary>>, Comments, Word, Words) ->
    case is_space(Char) of
        true -> between(Rest, Comments, [Word | Words]);
        false -> word(Rest, Comments, <<Word/binary, Char>>, Words)
    end.

quoted(<<>>, _, Comments, Word, Words) -> word(<<>>, Comments, Word, Words);
quoted(<<Quote, Rest/binary>>, Quote, Comments, Word, Words) -> word(Rest, Comments, Word, Words);
quoted(<<Char, Rest/binary>>, Quote, Comments, Word, Words) ->
    quoted(Rest, Quote, Comments, <<Word/binary, Char>>, Words).

line_end(<<$\n, _/binary>> = Text) -> Text;
line_end(<<_, Rest/binary>>) -> line_end(Rest);
line_end(<<>>) -> <<>>.

is_space(Char) -> lists:member(Char, ?SPACES).

%% ---- flags

flags([], Command) -> Command;
flags([<<"-extra">> | _] = Words, Command) -> add(Words, Command);
flags([<<"-compile">> | Rest], Command) ->
    flags(Rest, add([<<"-noshell">>, <<"-noinput">>, <<"-s">>, <<"c">>, <<"lc_batch">>], Command));
flags([<<"-make">> | _], Command) ->
    Make = [<<"-noshell">>, <<"-noinput">>, <<"-s">>, <<"make">>, <<"all_or_nothing">>],
    (add(Make, Command))#command{halt = true};
flags([<<"-detached">> | Rest], Command) ->
    flags(Rest, add([<<"-noshell">>, <<"-noinput">>], Command));
flags([<<"-noinput">> | Rest], Command) ->
    flags(Rest, add([<<"-noshell">>, <<"-noinput">>], Command));
flags([Ignored | Rest], Command) when Ignored =:= <<"-emu_args">>; Ignored =:= <<"-keep_window">> ->
    flags(Rest, Command);
flags([<<"-emu_type">>, _ | Rest], Command) -> flags(Rest, Command);
flags([<<"-env">>, Name, Value | Rest], Command) ->
    os:putenv(text(Name), text(Value)),
    flags(Rest, Command);
flags([<<"-epmd">>, _ | Rest], Command) -> flags(Rest, Command);
flags([Flag | _], _) when Flag =:= <<"-env">>; Flag =:= <<"-epmd">> -> missing(Flag);
flags([Name, _ | _], _) when Name =:= <<"-name">>; Name =:= <<"-sname">> ->
    fail(["erl: ", Name, ": there is no distribution on this system\n"]);
flags([Flag | _], _) when Flag =:= <<"-name">>; Flag =:= <<"-sname">> -> missing(Flag);
flags([<<"-version">> | Rest], Command) -> flags(Rest, emulate([<<"-V">>], Command));
flags([<<"+", Flag/binary>> | Rest], Command) -> plus(Flag, Rest, Command);
flags([Word | Rest], Command) -> flags(Rest, add([Word], Command)).

add(Words, #command{init = Init} = Command) -> Command#command{init = reverse(Words) ++ Init}.
emulate(Words, #command{emulator = Flags} = Command) ->
    Command#command{emulator = reverse(Words) ++ Flags}.

%% Flags of the emulator: those that take a value, and the others.
plus(Flag, Rest, Command) ->
    Name = <<"+", Flag/binary>>,
    case value(Flag) of
        false ->
            flags(Rest, emulate([<<"-", Flag/binary>>], Command));
        Kind when Rest =:= [], Kind =/= optional ->
            missing(Name);
        strict ->
            case hd(Rest) of
                <<First, _/binary>> when First =:= $-; First =:= $+ -> missing(Name);
                Value -> flags(tl(Rest), emulate([<<"-", Flag/binary>>, Value], Command))
            end;
        any ->
            flags(tl(Rest), emulate([<<"-", Flag/binary>>, hd(Rest)], Command));
        optional ->
            case Rest of
                [Value | More] when
                    Value =:= <<"true">>; Value =:= <<"false">>; Value =:= <<"i">>
                ->
                    flags(More, emulate([<<"-", Flag/binary>>, Value], Command));
                _ ->
                    flags(Rest, emulate([<<"-", Flag/binary>>], Command))
            end
    end.

value(<<Letter>>) when Letter =:= $B; Letter =:= $c -> optional;
value(<<"h">>) -> strict;
value(<<Letter>>) ->
    case lists:member(Letter, "aACeinPQtTRWKS") of
        true -> any;
        false -> false
    end;
value(<<"pc">>) -> any;
value(<<"SP">>) -> any;
value(<<"SD", Kind/binary>>) when
    Kind =:= <<"cpu">>; Kind =:= <<"Pcpu">>; Kind =:= <<"io">> -> any;
value(<<"IO", Kind/binary>>) when
    Kind =:= <<"t">>; Kind =:= <<"p">>; Kind =:= <<"Pt">>; Kind =:= <<"Pp">> -> any;
value(<<"h", Kind/binary>>) ->
    strict_of(Kind, ["ms", "mbs", "pds", "max", "maxk", "maxel", "mqd"]);
value(<<"rg">>) -> strict;
value(<<"s", Kind/binary>>) ->
    strict_of(Kind, ["bt", "bwtdcpu", "bwtdio", "bwt", "cl", "ct", "ecio", "fwi", "tbt", "wct",
                     "wtdcpu", "wtdio", "wt", "ws", "ss", "ssdcpu", "ssdio", "pp", "ub"]);
value(<<"z", Kind/binary>>) -> strict_of(Kind, ["dbbl", "dntgc", "ebwt"]);
value(<<"M", Letter, Kind/binary>>) ->
    Own = ["as", "asbcst", "acul", "acnl", "acfml", "cp", "e", "t", "lmbcs", "mbcgs", "mbsd",
           "mmbcs", "mmmbc", "mmsbc", "msbclt", "ramv", "rmbcmt", "rsbcmt", "rsbcst", "sbct",
           "smbcs", "atags"],
    Others = ["ea", "ummc", "uycs", "usac", "im", "is", "it", "lpm"],
    case lists:member(Letter, "uBIDEFHLRSTXZ") andalso strict_of(Kind, Own) of
        strict -> strict;
        _ -> strict_of(<<Letter, Kind/binary>>, Others)
    end;
value(_) -> false.

strict_of(Kind, Names) ->
    case lists:member(binary_to_list(Kind), Names) of true -> strict; false -> false end.

%% What this VM does with the emulator's flags: most are about threads that it does not have. Values
%% are checked as erl_init.c checks them.
emulator([<<"-V">> | _]) ->
    Version = erlang:system_info(version),
    Text = ["Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version ", Version, "\r\n"],
    vbeam_hw:emergency_write(2, join(Text)),
    vbeam_hw:power_off(0);
emulator([<<"-Bi">> | Rest]) ->
    vbeam_internal:emulator_setting(break_ignored, true),
    vbeam_break:ignore(),
    emulator(Rest);
emulator([<<"-W", Kind>> | Rest]) ->
    vbeam_internal:emulator_setting(warning_map, warnings(Kind)),
    emulator(Rest);
emulator([<<"-pc">>, Range | Rest]) ->
    case Range of
        <<"unicode">> -> vbeam_internal:emulator_setting(printable_range, unicode);
        <<"latin1">> -> vbeam_internal:emulator_setting(printable_range, latin1);
        _ -> bad(["bad range of printable characters: ", Range])
    end,
    emulator(Rest);
emulator([<<"-C">>, Mode | Rest]) ->
    Modes = [<<"no_time_warp">>, <<"single_time_warp">>, <<"multi_time_warp">>],
    case lists:member(Mode, Modes) of
        true -> vbeam_internal:emulator_setting(time_warp_mode, binary_to_atom(Mode));
        false -> bad(["Invalid time warp mode: ", Mode])
    end,
    emulator(Rest);
emulator([<<"-P">>, Value | Rest]) ->
    case number(Value, "processes", 1024, 134217727) of
        legacy -> true;
        Limit -> vbeam_internal:process_limit(power_of_two(Limit, 1024))
    end,
    emulator(Rest);
emulator([<<"-Q">>, Value | Rest]) ->
    case number(Value, "ports", 1024, 134217727) of
        legacy -> true;
        Limit -> vbeam_internal:emulator_setting(port_limit, power_of_two(Limit, 1024))
    end,
    emulator(Rest);
emulator([<<"-t">>, Value | Rest]) ->
    case integer(Value) of
        Limit when is_integer(Limit), Limit > 0 ->
            vbeam_internal:emulator_setting(atom_limit, max(Limit, 8192));
        _ ->
            bad(["bad atom table size ", Value])
    end,
    emulator(Rest);
emulator([<<"-A">>, Value | Rest]) ->
    case integer(Value) of
        Count when is_integer(Count), Count >= 0, Count =< 1024 -> emulator(Rest);
        _ -> bad(["bad number of async threads ", Value])
    end;
emulator([<<"-hms">>, Value | Rest]) ->
    case integer(Value) of
        Words when is_integer(Words), Words > 0 ->
            erlang:system_flag(min_heap_size, Words),
            emulator(Rest);
        _ ->
            bad(["bad heap size ", Value])
    end;
emulator([<<"-hmbs">>, Value | Rest]) ->
    case integer(Value) of
        Words when is_integer(Words), Words > 0 ->
            erlang:system_flag(min_bin_vheap_size, Words),
            emulator(Rest);
        _ ->
            bad(["bad heap size ", Value])
    end;
emulator([<<"-S">>, Value | Rest]) ->
    case Value of
        <<First, _/binary>> when First >= $0, First =< $9; First =:= $:; First =:= $- ->
            emulator(Rest);
        _ ->
            bad(["bad amount of schedulers ", Value])
    end;
emulator([<<"-R">>, Value | Rest]) ->
    case integer(Value) of
        error -> bad(["bad compatibility release number ", Value]);
        _ -> emulator(Rest)
    end;
emulator([<<"-z", Kind/binary>> = Flag | Rest]) ->
    case lists:member(Kind, [<<"dbbl">>, <<"dntgc">>, <<"ebwt">>]) of
        true -> emulator(Rest);
        false -> bad(["bad -z option ", Flag])
    end;
emulator([_ | Rest]) -> emulator(Rest);
emulator([]) -> true.

warnings($e) -> error;
warnings($i) -> info;
warnings(_) -> warning.

number(<<"legacy">>, _, _, _) -> legacy;
number(Value, What, Least, Most) ->
    case integer(Value) of
        Number when is_integer(Number), Number >= Least, Number =< Most -> Number;
        _ -> bad(["bad number of ", What, " ", Value])
    end.

integer(Value) ->
    try binary_to_integer(Value) catch error:_ -> error end.

%% Tables grow to a power of two.
power_of_two(Limit, Size) when Size >= Limit -> Size;
power_of_two(Limit, Size) -> power_of_two(Limit, Size * 2).

%% OTP shows all flags of the emulator behind this.
-spec bad(iodata()) -> no_return().
bad(Text) ->
    fail([Text, "\r\nUsage: beam.smp [flags] [ -- [init_args] ]\r\n"]).

%% ---- the boot script

%% `init` reads the script of the last -boot; what it gets has our own steps in it.
boot_script(Root, Arguments) ->
    {Before, _} = before_extra(Arguments, []),
    Named = last_boot(Before, <<Root/binary, "/bin/start">>),
    case script(Named, Root) of
        {ok, File, Script} ->
            Own = <<?OWN, "/tmp/start.boot">>,
            ok = prim_file:write_file(Own, Script),
            vbeam_hw:replace_file(File, Own);
        error ->
            %% init says what is wrong with it.
            true
    end.

before_extra([<<"-extra">> | _] = Extra, Before) -> {reverse(Before), Extra};
before_extra([Word | Words], Before) -> before_extra(Words, [Word | Before]);
before_extra([], Before) -> {reverse(Before), []}.

last_boot([<<"-boot">>, Name | Words], _) -> last_boot(Words, Name);
last_boot([_ | Words], Name) -> last_boot(Words, Name);
last_boot([], Name) -> Name.

script(Name, Root) ->
    Candidates = [<<Name/binary, ".boot">>, <<Root/binary, "/bin/", Name/binary, ".boot">>],
    case first_file(Candidates) of
        {ok, File, Bytes} ->
            try binary_to_term(Bytes) of
                {script, Id, Commands} ->
                    {ok, File, term_to_binary({script, Id, insert(Commands)})};
                _ ->
                    error
            catch
                error:_ -> error
            end;
        error ->
            error
    end.

first_file([]) -> error;
first_file([File | Files]) ->
    case prim_file:read_file(File) of
        {ok, Bytes} -> {ok, File, Bytes};
        {error, _} -> first_file(Files)
    end.

%% Our modules are loaded behind the first of OTP's, and the tree starts before the first process of
%% the kernel, since that may print.
insert([{primLoad, [error_handler | _] = Modules} | Commands]) ->
    Words = split(vbeam_hw:boot_file(<<"erl_modules">>), false),
    Path = [?OWN ++ text(Folder) || <<"/", _/binary>> = Folder <- Words],
    Own = [binary_to_atom(Name) || <<First, _/binary>> = Name <- Words, First =/= $/],
    [{primLoad, Modules}, {path, Path}, {primLoad, Own} | insert(Commands)];
insert([{kernelProcess, _, _} | _] = Commands) ->
    [{apply, {vbeam_boot, start, []}} | Commands];
insert([Command | Commands]) ->
    [Command | insert(Commands)];
insert([]) ->
    [].

%% ---- errors

missing(Flag) ->
    usage(["Missing argument(s) for '", Flag, "'.\n"]).

usage(Text) ->
    fail([Text,
        "Usage: erl [-version] [-sname NAME | -name NAME] [-noshell] [-noinput] [-env VAR "
        "VALUE] [-compile file ...] [-make] [-man [manopts] MANPAGE] [-x] [-emu_args] "
        "[-start_epmd BOOLEAN] [-emu_type TYPE] [-emu_flavor FLAVOR] [-args_file "
        "FILENAME] [+A THREADS] [+a SIZE] [+B[c|d|i]] [+c [BOOLEAN]] [+C MODE] [+dcg "
        "DECENTRALIZED_COUNTER_GROUPS_LIMIT] [+h HEAP_SIZE_OPTION] [+J[Pperf] JIT_OPTION] "
        "[+M<SUBSWITCH> <ARGUMENT>] [+P MAX_PROCS] [+Q MAX_PORTS] [+R COMPAT_REL] [+r] "
        "[+rg READER_GROUPS_LIMIT] [+s<SUBSWITCH> SCHEDULER_OPTION] [+S "
        "NO_SCHEDULERS:NO_SCHEDULERS_ONLINE] [+SP "
        "PERCENTAGE_SCHEDULERS:PERCENTAGE_SCHEDULERS_ONLINE] [+T LEVEL] [+V] [+v] "
        "[+W<i|w|e>] [+z MISC_OPTION] [args ...]\n"]).

fail(Text) ->
    vbeam_hw:emergency_write(2, join(Text)),
    vbeam_hw:power_off(1).

%% ---- texts

join(Text) -> iolist_to_binary(Text).

bytes(Chars) ->
    case unicode:characters_to_binary(Chars, utf8) of
        Bytes when is_binary(Bytes) -> Bytes
    end.

text(Bytes) ->
    case unicode:characters_to_list(Bytes, utf8) of
        Chars when is_list(Chars) -> Chars;
        _ -> binary_to_list(Bytes)
    end.

reverse(List) -> lists:reverse(List, []).
