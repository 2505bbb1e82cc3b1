%% DMA memory with QEMU's device `edu`, which copies between its own buffer and memory of the
%% machine, and raises its interrupt when it has.
-module(dma_edu).
-export([main/0]).

-define(EDU, #{vendor => 16#1234, device => 16#11e8}).
-define(BUFFER, 16#40000).
-define(SOURCE, 16#80).
-define(TARGET, 16#88).
-define(COUNT, 16#90).
-define(COMMAND, 16#98).
-define(TO_EDU, 2#101).
-define(FROM_EDU, 2#111).
-define(STATUS, 16#24).
-define(ACKNOWLEDGE, 16#64).
%% Less than edu's buffer: QEMU refuses a copy of all of it.
-define(BYTES, 2048).

main() ->
    [#{address := Address, line := Gsi} | _] = vbeam_pci:find(?EDU),
    {ok, #{bars := #{0 := Edu}}} = vbeam_pci:claim(Address),
    ok = vbeam_pci:enable(Address, {master, true}),
    {Line, Vector} = vbeam_hw:claim_interrupt(Gsi),
    {Out, OutAddress} = vbeam_hw:claim_dma(?BYTES),
    {In, InAddress} = vbeam_hw:claim_dma(?BYTES),
    Data = << <<(I * I bsr 3):8>> || I <- lists:seq(1, ?BYTES) >>,
    ok = vbeam_hw:write_bytes(Out, 0, Data),
    copy(Edu, Line, Vector, OutAddress, ?BUFFER, ?TO_EDU),
    copy(Edu, Line, Vector, ?BUFFER, InAddress, ?FROM_EDU),
    io:format("copied: ~p~n", [vbeam_hw:read_bytes(In, 0, ?BYTES) =:= Data]),
    ok = vbeam_hw:write(Out, 8, 64, 16#fedcba9876543210),
    Fields = [vbeam_hw:read(Out, 8, Bits) || Bits <- [8, 16, 32, 64]],
    io:format("fields: ~p~n", [[integer_to_list(Field, 16) || Field <- Fields]]),
    io:format("pages: ~p~n", [{OutAddress band 4095, InAddress - OutAddress}]),
    Wrong = [
        catch vbeam_hw:read_bytes(Out, 1, ?BYTES),
        catch vbeam_hw:write_bytes(Out, ?BYTES, <<1>>),
        catch vbeam_hw:read(Out, ?BYTES - 4, 64),
        catch vbeam_hw:read(Out, -1, 8),
        catch vbeam_hw:claim_dma(0),
        catch vbeam_hw:claim_dma(1 bsl 20)
    ],
    io:format("wrong: ~p~n", [[Reason || {'EXIT', {Reason, _}} <- Wrong]]),
    io:format("foreign: ~p~n", [in_process(fun() -> catch vbeam_hw:read(Out, 0, 8) end)]),
    Most = in_process(fun() -> length(all()) end),
    Again = in_process(fun() -> length(all()) end),
    io:format("all of it, twice: ~p~n", [Most > 3 andalso Most =:= Again]),
    ok = vbeam_hw:release(Out),
    {Fresh, OutAddress} = vbeam_hw:claim_dma(?BYTES),
    io:format("zeroed: ~p~n", [vbeam_hw:read_bytes(Fresh, 0, ?BYTES) =:= <<0:(8 * ?BYTES)>>]).

copy(Edu, Line, Vector, From, To, Command) ->
    Values = [{?SOURCE, From}, {?TARGET, To}, {?COUNT, ?BYTES}, {?COMMAND, Command}],
    [vbeam_hw:write(Edu, Register, 64, Value) || {Register, Value} <- Values],
    receive
        {interrupt, Vector, _} ->
            vbeam_hw:write(Edu, ?ACKNOWLEDGE, 32, vbeam_hw:read(Edu, ?STATUS, 32)),
            vbeam_hw:acknowledge(Line)
    after 10000 ->
        exit(no_interrupt)
    end.

%% As many claims as there are.
all() ->
    try vbeam_hw:claim_dma(1 bsl 18) of
        {Handle, _} -> [Handle | all()]
    catch
        error:system_limit -> []
    end.

in_process(Function) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({result, Function()}) end),
    receive
        {'DOWN', Monitor, process, Pid, {result, {'EXIT', {Reason, _}}}} -> Reason;
        {'DOWN', Monitor, process, Pid, {result, Result}} -> Result
    end.
