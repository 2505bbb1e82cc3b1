%% The kernel as modules see it: a table of all functions and data that they may name. A row says
%% where a symbol's behaviour is:
%%
%%     {code, Bytes}              a few instructions, mapped into the task
%%     {alias, Name}              the same as another
%%     {data, Bytes, Contents}    a variable with what it holds at first
%%     {per_cpu, Bytes, Contents} a variable of the processor; its symbol is an offset
%%     {call, Module}             Module:Name/N in Erlang, through a stub that makes a system call
%%     {call, Module, Prototype}  the same for what the kernel's types do not describe
%%     {with, Module, Function, First}
%%                                Module:Function/N+1, with a first argument of the table's
%%
%% The families are modules vbeam_linuxkpi_*, each with a table of its own. Arguments arrive
%% converted as the prototype says; a function of variable arguments gets those as
%% vbeam_linuxkpi_text:arguments(). What an Erlang function returns is the result: a number, or
%% true, false or ok.
-module(vbeam_linuxkpi).
-export([table/0, symbols/0, build/0, more_per_cpu/2, upcall/2, return_stub/0]).
-export([passed/2, prototype/2, wrong_rows/0]).
-export_type([row/0]).

-type prototype() :: {[vbeam_ko_interface:passed()], vbeam_ko_interface:passed()}.
-type where() ::
    {code, binary()}
    | {alias, binary()}
    | {data, pos_integer(), contents()}
    | {per_cpu, pos_integer(), contents()}
    | {call, module()}
    | {call, module(), prototype()}
    | {with, module(), atom(), term()}.
%% What a variable holds at first; a function gets the addresses of all functions.
-type contents() :: binary() | fun((#{binary() => non_neg_integer()}) -> binary()).
-type row() :: {Symbol :: binary(), where()}.

-define(FAMILIES, [
    vbeam_linuxkpi_code, vbeam_linuxkpi_heap, vbeam_linuxkpi_log, vbeam_linuxkpi_text,
    vbeam_linuxkpi_crypto, vbeam_linuxkpi_nls, vbeam_linuxkpi_time, vbeam_linuxkpi_data,
    vbeam_linuxkpi_parameters, vbeam_linuxkpi_registry, vbeam_linuxkpi_tcp,
    vbeam_linuxkpi_checksum, vbeam_linuxkpi_device, vbeam_linuxkpi_net, vbeam_linuxkpi_block,
    vbeam_linuxkpi_tty, vbeam_linuxkpi_work, vbeam_linuxkpi_proc, vbeam_linuxkpi_search
]).
%% Numbers of upcalls: the return from the module first, then the calls in order of the table.
-define(RETURN, 16#10000).
-define(STUB_ALIGN, 16).
-define(DATA_ALIGN, 64).
%% Where per-CPU variables begin: the canary of the stack is at 40.
-define(PER_CPU_FIRST, 64).
-define(CANARY_OFFSET, 40).

-spec table() -> [row()].
table() -> lists:append([Family:table() || Family <- ?FAMILIES]).

-spec symbols() -> [binary()].
symbols() -> [Name || {Name, _} <- table()].

%% The first stub takes the result of a function that was called from outside: `mov rdi, rax`, then
%% the system call.
return_stub() -> vbeam_ko_memory:stubs().

%% Maps stubs, data and per-CPU variables for the calling process, and gives their addresses.
-spec build() -> {#{binary() => non_neg_integer()}, #{binary() => non_neg_integer()}}.
build() ->
    Table = table(),
    Calls = [
        {Name, {Where, Prototype}}
     || {Name, Where} <- Table,
        element(1, Where) =:= call orelse element(1, Where) =:= with,
        %% What this kernel does not have has no prototype, and no module asks for it.
        {_, _} = Prototype <- [prototype(Name, Where)]
    ],
    Numbered = lists:enumerate(?RETURN + 1, Calls),
    put({?MODULE, calls}, list_to_tuple([called(Row) || {_, Row} <- Numbered])),
    Return = <<16#48, 16#89, 16#c7, 16#b8, ?RETURN:32/little, 16#0f, 16#05>>,
    Codes = [{<<>>, Return} | [{Name, upcall_stub(N)} || {N, {Name, _}} <- Numbered]] ++
        [{Name, Code} || {Name, {code, Code}} <- Table],
    {Code, Addresses} = laid_out(Codes, vbeam_ko_memory:stubs(), ?STUB_ALIGN, 16#cc),
    vbeam_ko_memory:map(vbeam_ko_memory:stubs(), byte_size(Code), [read, execute]),
    vbeam_ko_memory:write(vbeam_ko_memory:stubs(), Code),
    Data = data([{N, padded(C, B, Addresses)} || {N, {data, B, C}} <- Table]),
    PerCpu = per_cpu([{N, padded(C, B, maps:merge(Addresses, Data))} || {N, {per_cpu, B,
        C}} <- Table]),
    Known = maps:merge(Addresses, maps:merge(Data, PerCpu)),
    Aliases = maps:from_list([{Name, maps:get(Of, Known)} || {Name, Of} <- aliases(Table)]),
    vbeam_ko_machine:add_faults(vbeam_linuxkpi_code:faults(Addresses)),
    {Known, Aliases}.

aliases(Table) -> [{Name, Of} || {Name, {alias, Of}} <- Table].

called({_Name, {{with, Module, Function, First}, {Parameters, Result}}}) ->
    {Module, Function, [First], Parameters, Result};
called({Name, {Where, {Parameters, Result}}}) ->
    {element(2, Where), binary_to_atom(Name), [], Parameters, Result}.

%% How a function is called: as the table says, or the kernel's types.
-spec prototype(binary(), where()) -> prototype() | none.
prototype(_Name, {call, _, Prototype}) -> Prototype;
prototype(Name, _) -> vbeam_ko_interface:prototype(Name).

%% Rows whose function is not there with as many arguments as the kernel's has, or whose symbol the
%% kernel does not have: none, if the table is right.
-spec wrong_rows() -> [{binary(), term()}].
wrong_rows() ->
    lists:append([
        case prototype(Name, Where) of
            none ->
                [{Name, no_prototype}];
            {Parameters, _} ->
                {Module, Function, First, _, _} = called({Name, {Where, {Parameters, void}}}),
                Arity = length(First) + length(Parameters),
                {module, _} = code:ensure_loaded(Module),
                case erlang:function_exported(Module, Function, Arity) of
                    true -> [];
                    false -> [{Name, {needs, Module, Arity}}]
                end
        end
     || {Name, Where} <- table(),
        element(1, Where) =:= call orelse element(1, Where) =:= with
    ]).

%% `mov r10, rcx; mov eax, Number; syscall; ret`: a system call leaves its own address in rcx.
upcall_stub(Number) -> <<16#49, 16#89, 16#ca, 16#b8, Number:32/little, 16#0f, 16#05, 16#c3>>.

laid_out(Rows, Base, Align, Filler) ->
    {Bytes, Addresses} = lists:foldl(
        fun({Name, Code}, {Done, Map}) ->
            Filled = (Align - byte_size(Code) rem Align) rem Align,
            Filling = binary:copy(<<Filler>>, Filled),
            Next = <<Done/binary, Code/binary, Filling/binary>>,
            {Next, Map#{Name => Base + byte_size(Done)}}
        end,
        {<<>>, #{}},
        Rows
    ),
    {Bytes, maps:remove(<<>>, Addresses)}.

data(Pieces) ->
    {Bytes, Addresses} = laid_out(Pieces, vbeam_ko_memory:data(), ?DATA_ALIGN, 0),
    vbeam_ko_memory:map(vbeam_ko_memory:data(), byte_size(Bytes), [read, write]),
    vbeam_ko_memory:write(vbeam_ko_memory:data(), Bytes),
    Addresses.

per_cpu(Pieces) ->
    {Bytes, Offsets} = laid_out(Pieces, ?PER_CPU_FIRST, ?DATA_ALIGN, 0),
    vbeam_ko_memory:write(vbeam_ko_memory:per_cpu() + ?PER_CPU_FIRST, Bytes),
    %% A canary has a byte of zero first, which texts do not run over.
    Canary = <<0, (rand:bytes(7))/binary>>,
    vbeam_ko_memory:write(vbeam_ko_memory:per_cpu() + ?CANARY_OFFSET, Canary),
    put({?MODULE, per_cpu_end}, ?PER_CPU_FIRST + byte_size(Bytes)),
    Offsets.

%% Room for per-CPU variables of a module: the offset, 0 when there is none left.
-spec more_per_cpu(non_neg_integer(), pos_integer()) -> non_neg_integer().
more_per_cpu(Bytes, Align) ->
    Offset = (get({?MODULE, per_cpu_end}) + Align - 1) band bnot (Align - 1),
    case Offset + Bytes =< vbeam_ko_memory:per_cpu_bytes() of
        true -> put({?MODULE, per_cpu_end}, Offset + Bytes), Offset;
        false -> 0
    end.

padded(Contents, Bytes, Addresses) when is_function(Contents) ->
    padded(Contents(Addresses), Bytes, Addresses);
padded(Contents, Bytes, _Addresses) ->
    Missing = Bytes - byte_size(Contents),
    <<Contents/binary, 0:Missing/unit:8>>.

%% --- upcalls ---------------------------------------------------------------------------------

%% What a system call of the module asks for.
-spec upcall(non_neg_integer(), [non_neg_integer()]) -> integer() | {return, non_neg_integer()}.
upcall(?RETURN, [Value | _]) ->
    {return, Value};
upcall(Number, Registers) ->
    Calls = get({?MODULE, calls}),
    case Number - ?RETURN of
        Index when Index > 0, Index =< tuple_size(Calls) ->
            {Module, Function, First, Parameters, Result} = element(Index, Calls),
            result(Result, apply(Module, Function, First ++ arguments(Parameters, Registers, 0)));
        _ ->
            exit({system_call, Number})
    end.

arguments([], _Registers, _Index) ->
    [];
arguments([variadic], Registers, Index) ->
    [vbeam_linuxkpi_text:arguments(Registers, Index)];
arguments([Type | Types], [Register | Registers], Index) ->
    [passed(Type, Register) | arguments(Types, Registers, Index + 1)];
arguments([Type | Types], [], Index) ->
    [passed(Type, vbeam_ko_machine:argument(Index)) | arguments(Types, [], Index + 1)].

passed(pointer, Value) -> Value;
passed(u64, Value) -> Value;
passed(s64, Value) -> signed(Value, 64);
passed(u32, Value) -> Value band 16#ffffffff;
passed(s32, Value) -> signed(Value, 32);
passed(u16, Value) -> Value band 16#ffff;
passed(s16, Value) -> signed(Value, 16);
passed(u8, Value) -> Value band 16#ff;
passed(s8, Value) -> signed(Value, 8).

signed(Value, Bits) ->
    <<Signed:Bits/signed>> = <<Value:Bits>>,
    Signed.

result(void, _) -> 0;
result(_, ok) -> 0;
result(_, true) -> 1;
result(_, false) -> 0;
result(_, Value) when is_integer(Value) -> Value.
