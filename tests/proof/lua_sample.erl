%% Luerl (github.com/rvirding/luerl), an implementation of Lua: compiles and runs chunks of Lua.
-module(lua_sample).
-export([run/0]).

run() ->
    State = luerl:init(),
    [io:format("~ts~n   ~0p~n", [Chunk, result(Chunk, State)]) || Chunk <- chunks()].

result(Chunk, State) ->
    try luerl:do(Chunk, State) of
        {Values, _} -> Values;
        Other -> Other
    catch
        %% With the state, which has identities of this run.
        _:{lua_error, Reason, _} -> Reason;
        _:Reason -> Reason
    end.

chunks() ->
    ["return 1 + 2, 'a' .. 'b', 7 // 2, 2 ^ 10",
     "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end "
     "return fib(18)",
     "local t = {} for i = 1, 10 do t[i] = i * i end return #t, t[5]",
     "local s = 0 for k, v in pairs({a = 1, b = 2}) do s = s + v end return s",
     "return string.format('%d %s %5.2f', 3, 'x', 1.5), string.rep('ab', 3), string.upper('abc')",
     "return table.concat({1, 2, 3}, ',')",
     "local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return t.foo",
     "return pcall(function() error('x') end)",
     "return math.floor(3.7), math.max(1, 5, 3)",
     "local a, b = 1 return a, b, type(b), type({})",
     "return select('#', 1, 2, 3)",
     "goto x",
     "local t = {5, 2, 8, 1} table.sort(t) return t[1], t[2], t[3], t[4]",
     "return string.find('hello world', 'wor')",
     "return string.gsub('hello', 'l', 'L')",
     "local s = 0 for i = 1, 100000 do s = s + i % 7 end return s",
     "local s = {} for w in string.gmatch('one two three', '%a+') do s[#s + 1] = w end "
     "return #s, s[3]",
     "local function gen(n) local i = 0 "
     "return function() i = i + 1 if i <= n then return i end end end "
     "local s = 0 for v in gen(100) do s = s + v end return s",
     "return tostring(nil), tonumber('0x10'), 10 == 10.0, '10' + 5",
     "while true do break end repeat local x = 1 until x == 1 return 'done'"].
