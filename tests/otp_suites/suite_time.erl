%% Times as Common Test writes them, in milliseconds.
-module(suite_time).
-export([milliseconds/1]).

milliseconds({hours, N}) -> trunc(N * 3600000);
milliseconds({minutes, N}) -> trunc(N * 60000);
milliseconds({seconds, N}) -> trunc(N * 1000);
milliseconds(N) when is_number(N) -> trunc(N);
milliseconds(infinity) -> infinity;
milliseconds(_) -> infinity.
