%% A case of a conformance module: the expression's text is its name, its value what is compared.
-define(C(E), {??E, fun() -> E end}).
