%% OTP's logger, set up for this system: reports of errors go to the console through logger_std_h,
%% as on any Erlang node.
-module(vbeam_log).
-export([install/0]).

%% Replace the logger's boot-time handler by the one that writes to `user`.
-spec install() -> ok.
install() ->
    Handler = #{
        %% The name, not a pid: it stays right when `user` is restarted.
        config => #{type => {device, user}},
        formatter => {logger_formatter, #{legacy_header => true, single_line => false}},
        filter_default => log,
        filters => [{remote_gl, {fun logger_filters:remote_gl/2, stop}}]
    },
    ok = logger:add_handler(default, logger_std_h, Handler),
    _ = logger:remove_handler(simple),
    ok.
