%% gen_statem and gen_event.
-module(machines_and_events).
-export([cases/0]).
-export([init/1, callback_mode/0, locked/3, open/3, handle_event/2, handle_call/2, handle_info/2, terminate/2, terminate/3, code_change/3]).
-include("../runner/case.hrl").

cases() ->
    [?C(begin {ok, M} = door(), [button(M, 1), button(M, 2), button(M, 3), state(M)] end),
     ?C(begin {ok, M} = door(), [button(M, 3), state(M)] end),
     ?C(begin {ok, M} = door(), [button(M, B) || B <- [1, 2, 3]], timer:sleep(700), state(M) end),
     ?C(begin {ok, M} = door(), [button(M, B) || B <- [1, 2, 3]], [gen_statem:call(M, lock), state(M)] end),
     ?C(begin {ok, M} = door(), gen_statem:cast(M, {button, 1}), state(M) end),
     ?C(begin {ok, M} = door(), M ! {button, 1}, state(M) end),
     ?C(begin {ok, M} = door(), gen_statem:call(M, postponed_until_open, 20) end),
     ?C(begin {ok, M} = door(), Self = self(), spawn(fun() -> Self ! {r, gen_statem:call(M, postponed_until_open)} end), timer:sleep(5), [button(M, B) || B <- [1, 2, 3]], receive {r, X} -> X after 1000 -> none end end),
     ?C(begin {ok, M} = door(), sys:get_state(M) end),
     ?C(begin {ok, M} = door(), [gen_statem:stop(M), is_process_alive(M)] end),
     ?C(begin {ok, M} = door(), gen_statem:call(M, crash) end),
     ?C(begin {ok, M} = door(), gen_statem:call(M, next_event) end),
     ?C(begin {ok, M} = door(), gen_statem:call(M, state_timeout) end),
     ?C(begin {ok, M} = door(), gen_statem:call(M, generic_timeout) end),
     ?C(begin {ok, M} = door(), gen_statem:call(M, cancelled_timeout) end),
     ?C(gen_statem:start(?MODULE, {statem, stop}, [])),
     ?C(gen_statem:start(?MODULE, {statem, ignore}, [])),
     ?C(begin {ok, E} = gen_event:start(), [gen_event:add_handler(E, ?MODULE, {event, self()}), gen_event:notify(E, hello), receive {event, X} -> X after 1000 -> none end] end),
     ?C(begin {ok, E} = gen_event:start(), [gen_event:add_handler(E, {?MODULE, I}, {event, self()}) || I <- [1, 2, 3]], gen_event:sync_notify(E, x), {length(messages()), gen_event:which_handlers(E)} end),
     ?C(begin {ok, E} = gen_event:start(), gen_event:add_handler(E, ?MODULE, {event, self()}), [gen_event:call(E, ?MODULE, get), gen_event:call(E, other, get)] end),
     ?C(begin {ok, E} = gen_event:start(), gen_event:add_handler(E, ?MODULE, {event, self()}), [gen_event:delete_handler(E, ?MODULE, bye), gen_event:which_handlers(E), gen_event:delete_handler(E, ?MODULE, bye)] end),
     ?C(begin {ok, E} = gen_event:start(), gen_event:add_handler(E, ?MODULE, {event, self()}), gen_event:sync_notify(E, crash), gen_event:which_handlers(E) end),
     ?C(begin {ok, E} = gen_event:start(), gen_event:add_sup_handler(E, ?MODULE, {event, self()}), gen_event:sync_notify(E, remove), receive {gen_event_EXIT, H, R} -> {H, R} after 100 -> none end end),
     ?C(begin {ok, E} = gen_event:start(), gen_event:add_handler(E, ?MODULE, {event, self()}), gen_event:swap_handler(E, {?MODULE, swap}, {{?MODULE, 2}, {event, self()}}), gen_event:which_handlers(E) end),
     ?C(begin {ok, E} = gen_event:start(), E ! info, gen_event:add_handler(E, ?MODULE, {event, self()}), E ! plain, receive {info, X} -> X after 100 -> none end end),
     ?C(begin {ok, E} = gen_event:start(), gen_event:add_handler(E, ?MODULE, bad_argument) end),
     ?C(begin {ok, E} = gen_event:start(), gen_event:stop(E) end)].

door() -> gen_statem:start(?MODULE, {statem, [1, 2, 3]}, []).
button(M, B) -> gen_statem:call(M, {button, B}).
state(M) -> element(1, sys:get_state(M)).
messages() -> receive M -> [M | messages()] after 0 -> [] end.

init({statem, stop}) -> {stop, no};
init({statem, ignore}) -> ignore;
init({statem, Code}) -> {ok, locked, {Code, Code}};
init({event, To}) -> {ok, To};
init({{event, To}, _}) -> {ok, To}.

callback_mode() -> [state_functions, state_enter].

locked(enter, _, {Code, _}) -> {keep_state, {Code, Code}};
locked({call, From}, {button, B}, {Code, [B]}) -> {next_state, open, {Code, Code}, [{reply, From, opened}]};
locked({call, From}, {button, B}, {Code, [B | Rest]}) -> {keep_state, {Code, Rest}, [{reply, From, more}]};
locked({call, From}, {button, _}, {Code, _}) -> {keep_state, {Code, Code}, [{reply, From, wrong}]};
locked(cast, {button, B}, {Code, [B | Rest]}) -> {keep_state, {Code, Rest}};
locked(info, {button, _}, _) -> keep_state_and_data;
locked({call, _}, postponed_until_open, _) -> {keep_state_and_data, [postpone]};
locked({call, From}, next_event, _) -> {keep_state_and_data, [{next_event, internal, {step, From}}]};
locked(internal, {step, From}, _) -> {keep_state_and_data, [{reply, From, stepped}]};
locked({call, From}, state_timeout, _) -> {keep_state_and_data, [{state_timeout, 5, From}]};
locked(state_timeout, From, _) -> {keep_state_and_data, [{reply, From, state_timed_out}]};
locked({call, From}, generic_timeout, _) -> {keep_state_and_data, [{{timeout, name}, 5, From}]};
locked({timeout, name}, From, _) -> {keep_state_and_data, [{reply, From, named_timed_out}]};
locked({call, From}, cancelled_timeout, _) -> {keep_state_and_data, [{{timeout, other}, 5, x}, {{timeout, other}, infinity, x}, {reply, From, ok}]};
locked({call, _}, crash, _) -> error(crashed).

open(enter, _, _) -> {keep_state_and_data, [{state_timeout, 500, close}]};
open(state_timeout, close, Data) -> {next_state, locked, Data};
open({call, From}, lock, Data) -> {next_state, locked, Data, [{reply, From, locking}]};
open({call, From}, postponed_until_open, _) -> {keep_state_and_data, [{reply, From, finally}]}.

handle_event(crash, _) -> error(handler_crash);
handle_event(remove, _) -> remove_handler;
handle_event(Event, To) -> To ! {event, Event}, {ok, To}.

handle_call(get, To) -> {ok, is_pid(To), To}.
handle_info(Info, To) -> To ! {info, Info}, {ok, To}.
terminate(swap, To) -> {swapped, To};
terminate(bye, _) -> goodbye;
terminate(_, _) -> ok.
terminate(_, _, _) -> ok.
code_change(_, S, _) -> {ok, S}.
