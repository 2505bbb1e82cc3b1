Nonterminals expression arguments minus.
Terminals integer float name '+' '-' '*' '/' '^' '(' ')' ','.
Rootsymbol expression.

Left 100 '+'.
Left 100 '-'.
Left 200 '*'.
Left 200 '/'.
Right 300 '^'.
Unary 400 minus.

expression -> integer : element(3, '$1').
expression -> float : element(3, '$1').
expression -> minus : '$1'.
expression -> '(' expression ')' : '$2'.
expression -> expression '+' expression : '$1' + '$3'.
expression -> expression '-' expression : '$1' - '$3'.
expression -> expression '*' expression : '$1' * '$3'.
expression -> expression '/' expression : '$1' / '$3'.
expression -> expression '^' expression : math:pow('$1', '$3').
expression -> name '(' arguments ')' : call(element(3, '$1'), '$3').
minus -> '-' expression : -'$2'.
arguments -> expression : ['$1'].
arguments -> expression ',' arguments : ['$1' | '$3'].

Erlang code.
call(max, Arguments) -> lists:max(Arguments);
call(Name, Arguments) -> {Name, Arguments}.
