%% Idle processes: what one of them costs, as memory that the VM has handed out for it, everything
%% included. It waits for a message for ever.
-module(memory).
-export([run/1]).

run(Count) ->
    true = vbeam_internal:process_limit(Count + 1024),
    {Before, _} = vbeam_internal:memory(),
    spawn_many(Count),
    {After, _} = vbeam_internal:memory(),
    {(After - Before) div Count, After}.

spawn_many(0) -> ok;
spawn_many(N) ->
    spawn(fun() -> receive stop -> ok after infinity -> ok end end),
    spawn_many(N - 1).
