%% OTP's suites include eunit.hrl for its assertions, which are stdlib's.
-include_lib("stdlib/include/assert.hrl").
