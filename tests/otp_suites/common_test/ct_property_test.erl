%% Property tests need a tool that is not part of OTP: suites of them are skipped.
-module(ct_property_test).
-export([init_per_suite/1, quickcheck/2]).

init_per_suite(_) -> {skip, "No property testing tool"}.

quickcheck(_, _) -> {skip, "No property testing tool"}.
