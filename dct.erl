-module(dct).
-export([func/1]).
func(Fun) -> Fun(), blipp:blapp().
