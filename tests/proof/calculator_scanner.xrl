Definitions.
D = [0-9]
S = [\s\t\n]

Rules.
{D}+ : {token, {integer, TokenLine, list_to_integer(TokenChars)}}.
{D}+\.{D}+ : {token, {float, TokenLine, list_to_float(TokenChars)}}.
[a-z]+ : {token, {name, TokenLine, list_to_atom(TokenChars)}}.
[-+*/^(),] : {token, {list_to_atom(TokenChars), TokenLine}}.
{S}+ : skip_token.

Erlang code.
