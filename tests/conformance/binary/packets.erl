%% erlang:decode_packet/3: every type, whole packets, parts of them and wrong ones.
-module(packets).
-export([cases/0]).
-include("../runner/case.hrl").

cases() ->
    [{lists:flatten(io_lib:format("~0p ~0p ~0p", [T, D, O])), fun() -> decode(T, D, O) end} || {T, D, O} <- lengths() ++ lines() ++ http() ++ wrong()] ++
    [{lists:flatten(io_lib:format("prefix ~p ~p", [T, N])), fun() -> decode(T, binary:part(D, 0, N), []) end}
     || {T, D} <- whole(), N <- lists:seq(0, byte_size(D))] ++
    [{lists:flatten(io_lib:format("random ~p ~p", [T, Seed])), fun() -> decode(T, random(Seed), []) end} || T <- types(), Seed <- lists:seq(1, 40)] ++
    [?C(unaligned()), ?C(bits()), ?C(long())].

decode(Type, Data, Options) ->
    try erlang:decode_packet(Type, Data, Options)
    catch Class:Reason:Trace -> {Class, Reason, proplists:get_value(error_info, element(4, hd(Trace)))}
    end.

types() -> [raw, 0, 1, 2, 4, asn1, sunrm, cdr, fcgi, tpkt, line, http, http_bin, httph, httph_bin, ssl_tls].

whole() ->
    [{1, <<3, 1, 2, 3, 9>>}, {2, <<0, 2, 8, 9, 7>>}, {4, <<0, 0, 0, 2, 5, 6, 7>>}, {asn1, <<48, 3, 1, 2, 3, 4>>}, {asn1, <<16#3f, 129, 1, 16#82, 0, 2, 7, 8, 9>>},
     {sunrm, <<128, 0, 0, 2, 5, 6, 7>>}, {cdr, <<"GIOP", 1, 0, 1, 0, 2, 0, 0, 0, 7, 8, 9>>}, {cdr, <<"GIOP", 1, 0, 0, 0, 0, 0, 0, 2, 7, 8, 9>>},
     {fcgi, <<1, 1, 0, 1, 0, 2, 1, 0, 7, 8, 9, 6>>}, {tpkt, <<3, 0, 0, 6, 7, 8, 9>>}, {line, <<"ab\ncd">>}, {ssl_tls, <<22, 3, 1, 0, 2, 9, 9, 1>>},
     {ssl_tls, <<128, 7, 1, 3, 1, 0, 3, 9, 9, 9>>}, {http, <<"GET / HTTP/1.1\r\nX">>}, {httph, <<"Host: a\r\n b\r\nX">>}, {http_bin, <<"HTTP/1.0 200 OK\r\n">>}].

lengths() ->
    [{T, D, O} || {T, D} <- whole(), O <- [[{packet_size, 1}], [{packet_size, 3}], [{packet_size, 100}]]] ++
    [{4, <<255, 255, 255, 255, 1>>, []}, {4, <<127, 255, 255, 255, 1>>, []}, {4, <<127, 255, 255, 251, 1>>, []}, {tpkt, <<3, 0, 0, 2>>, []}, {tpkt, <<2, 0, 0, 8>>, []},
     {fcgi, <<2, 1, 0, 1, 0, 2, 1, 0>>, []}, {cdr, <<"GIOX", 0:64>>, []}, {asn1, <<48, 16#85, 1, 1, 1, 1, 1, 1>>, []}, {asn1, <<48, 128, 1>>, []},
     {asn1, <<48, 16#84, 0, 0, 0, 1, 9, 9>>, []}, {asn1, <<31, 255, 255, 255>>, []}, {ssl_tls, <<128, 1, 1, 0, 0>>, []}].

lines() ->
    [{line, D, O} || D <- [<<>>, <<"\n">>, <<"abc">>, <<"abc\n">>, <<"abcdef\nghi">>],
                     O <- [[], [{line_length, 2}], [{line_length, 4}], [{packet_size, 3}], [{packet_size, 3}, {line_length, 2}], [{line_delimiter, $c}], [{line_delimiter, 0}]]].

http() ->
    First = ["GET / HTTP/1.1", "GET  /a/b?c=d#e   HTTP/1.0", "POST * HTTP/1.1", "OPTIONS x:y HTTP/1.1", "HEAD http://host HTTP/1.1", "PUT http://host/p/q HTTP/1.1",
             "DELETE HTTPS://Host:8080/p HTTP/1.1", "TRACE http://host:/p HTTP/1.1", "FOO http://host:x/p HTTP/1.1", "foo abc HTTP/1.1", "CONNECT a:443 HTTP/1.1", "GET /", "GET / ",
             "GET", "GET ", "G(T / HTTP/1.1", "GET / HTTP/1", "GET / HTTP/1.", "GET / HTTP/x.1", "GET / HTTP/10.20", "GET / HTTQ/1.1", "GET / H", "GET h HTTP/1.1", "", " ",
             "HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found here", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1", "HTTP/1. 200 OK", "HTTP/1.1 abc", "HTTP/1.1  500  x y ", "HTTP/11.22 301 a", "http://x y HTTP/1.1"],
    Fields = ["Host: x", "host:x", "HOST:   x  ", "Content-Length: 12", "content-md5: q", "X-Forwarded-For: 1.2.3.4", "x-foo-BAR: y", "-a-b: c", "a--b: c", "a_b: c", "Set-Cookie2: a=b",
              "Cookie: a", "keep-alive: 1", "Proxy-Connection: z", "Www-Authenticate: b", "A: ", "A:", ":x", "a b: c", "a", "a\tb: c", "a(b: c", [127, $:, 32, $x], [200, $:, $x],
              lists:duplicate(50, $a) ++ ": x", lists:duplicate(51, $a) ++ ": x", "Transfer-Encoding: chunked", "a: b\r\n c\r\n\td", "a: b\n c"],
    [{T, list_to_binary([L, E, "next"]), []} || T <- [http, http_bin], L <- First, E <- ["\r\n", "\n"]] ++
    [{T, list_to_binary([L, E, "next"]), []} || T <- [httph, httph_bin], L <- Fields, E <- ["\r\n", "\n"]] ++
    [{T, D, O} || T <- [http, httph], D <- [<<"\r\n">>, <<"\n">>, <<"\r\nx">>, <<"Host: abc\r\n\r\n">>, <<"Host: abc">>, <<"A: b\r\n">>],
                  O <- [[], [{packet_size, 5}], [{line_length, 5}], [{packet_size, 100}, {line_length, 5}]]].

wrong() ->
    [{foo, <<1>>, []}, {3, <<1>>, []}, {ssl, <<1>>, []}, {1, a, []}, {1, [1], []}, {1, <<1>>, [foo]}, {1, <<1>>, [{packet_size, a}]}, {1, <<1>>, [{packet_size, -1}]}, {1, <<1>>, [{foo, 1}]},
     {1, <<1>>, foo}, {line, <<1>>, [{line_delimiter, 256}]}, {1, <<1>>, [{packet_size, 1, 2}]}].

random(Seed) ->
    X0 = (Seed * 2654435761 + 99) band 16#ffffffff,
    list_to_binary([case (X0 bsr I) band 3 of 0 -> (X0 bsr (I div 2)) band 255; 1 -> I rem 4; 2 -> $\n; 3 -> $a + I end || I <- lists:seq(0, 20)]).

unaligned() ->
    <<_:3, B:7/binary, _/bits>> = <<0:3, 2, 1, 2, 3, 4, 5, 6, 0:5>>,
    decode(1, B, []).

bits() -> [decode(T, <<2, 1, 2, 3:4>>, []) || T <- [raw, 1, line]].

long() ->
    D = binary:copy(<<"abcdefgh">>, 20000),
    {ok, Line, Rest} = erlang:decode_packet(line, <<D/binary, "\n", D/binary>>, []),
    {byte_size(Line), byte_size(Rest), decode(4, <<100000:32, D/binary>>, []) =:= {ok, binary:part(D, 0, 100000), binary:part(D, 100000, 60000)}}.
