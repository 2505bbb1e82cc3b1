%% What modules offer to the kernel and take back: structures that are registered by address, of
%% kinds whose users ask this table for them. A row has the kind, and how a structure is named, so
%% that two of one name are refused with EEXIST where the kernel does that.
-module(vbeam_linuxkpi_registry).
-compile(nowarn_export_all).
-compile(export_all).

-define(EEXIST, 17).
-define(ENOENT, 2).

%% {Kind, Name, Register, Unregister}: Name is {array, Field}, {text, Field} (a pointer to it),
%% {number, Field} of the structure, or `none`.
kinds() ->
    [
        {tcp_congestion_ops, {array, name}, <<"tcp_register_congestion_control">>,
            <<"tcp_unregister_congestion_control">>},
        {tcf_ematch_ops, {number, kind}, <<"tcf_em_register">>, <<"tcf_em_unregister">>},
        {ts_ops, {text, name}, <<"textsearch_register">>, <<"textsearch_unregister">>},
        {notifier_block, none, <<"register_netdevice_notifier">>,
            <<"unregister_netdevice_notifier">>},
        {reboot_notifier, none, <<"register_reboot_notifier">>, <<"unregister_reboot_notifier">>},
        {pm_notifier, none, <<"register_pm_notifier">>, <<"unregister_pm_notifier">>},
        {restart_handler, none, <<"register_restart_handler">>,
            <<"unregister_restart_handler">>},
        {inetaddr_notifier, none, <<"register_inetaddr_notifier">>,
            <<"unregister_inetaddr_notifier">>},
        {crypto_notifier, none, <<"crypto_register_notifier">>,
            <<"crypto_unregister_notifier">>},
        {tcf_proto_ops, {array, kind}, <<"register_tcf_proto_ops">>,
            <<"unregister_tcf_proto_ops">>},
        {'Qdisc_ops', {array, id}, <<"register_qdisc">>, <<"unregister_qdisc">>},
        {file_system_type, {text, name}, <<"register_filesystem">>, <<"unregister_filesystem">>},
        {linux_binfmt, none, <<"__register_binfmt">>, <<"unregister_binfmt">>},
        {console, {array, name}, <<"register_console">>, <<"unregister_console">>},
        {bus_type, {text, name}, <<"bus_register">>, <<"bus_unregister">>},
        {device_driver, {text, name}, <<"driver_register">>, <<"driver_unregister">>},
        {nf_logger, {text, name}, <<"nf_log_register">>, <<"nf_log_unregister">>},
        {nf_sockopt_ops, none, <<"nf_register_sockopt">>, <<"nf_unregister_sockopt">>},
        {genl_family, {array, name}, <<"genl_register_family">>, <<"genl_unregister_family">>},
        {hwrng, {text, name}, <<"hwrng_register">>, <<"hwrng_unregister">>},
        {cpufreq_governor, {array, name}, <<"cpufreq_register_governor">>,
            <<"cpufreq_unregister_governor">>},
        {led_trigger, {text, name}, <<"led_trigger_register">>, <<"led_trigger_unregister">>},
        {key_type, {text, name}, <<"register_key_type">>, <<"unregister_key_type">>}
    ].

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    lists:append([
        [
            {Register, {with, ?MODULE, registered, {Kind, Name}}},
            {Unregister, {with, ?MODULE, unregistered, Kind}}
        ]
     || {Kind, Name, Register, Unregister} <- kinds()
    ]).

registered({Kind, Name}, Address, _, _) -> registered({Kind, Name}, Address).
registered({Kind, Name}, Address, _) -> registered({Kind, Name}, Address).
registered({Kind, Name}, Address) ->
    Text = name(Name, Kind, Address),
    case Text =/= none andalso find(Kind, Text) =/= none of
        true -> -?EEXIST;
        false -> put(?MODULE, [{Kind, Text, Address} | rows()]), 0
    end.

unregistered(Kind, Address, _) -> unregistered(Kind, Address).
unregistered(Kind, Address) ->
    case [Row || Row = {Each, _, At} <- rows(), Each =:= Kind, At =:= Address] of
        [Row | _] -> put(?MODULE, lists:delete(Row, rows())), 0;
        [] -> -?ENOENT
    end.

name(none, _Kind, _Address) -> none;
name({array, Field}, Kind, Address) ->
    {_, Bits, _} = vbeam_ko_interface:field(Kind, Field),
    At = Address + vbeam_ko_interface:offset(Kind, Field),
    vbeam_linuxkpi_text:bounded(At, Bits div 8);
name({text, Field}, Kind, Address) ->
    vbeam_ko_memory:string(vbeam_ko_memory:get(Address, Kind, Field));
name({number, Field}, Kind, Address) ->
    vbeam_ko_memory:get(Address, Kind, Field).

rows() -> case get(?MODULE) of undefined -> []; Rows -> Rows end.

%% The structure of a kind and a name.
-spec find(atom(), term()) -> non_neg_integer() | none.
find(Kind, Name) ->
    case [At || {Each, Text, At} <- rows(), Each =:= Kind, Text =:= Name] of
        [At | _] -> At;
        [] -> none
    end.

%% All that is registered: {Kind, Name}.
-spec names() -> [{atom(), term()}].
names() -> lists:sort([{Kind, Name} || {Kind, Name, _} <- rows()]).

%% Calls a function of a registered structure.
-spec call(atom(), term(), atom(), [integer()]) -> {ok, non_neg_integer()} | {error, term()}.
call(Kind, Name, Function, Arguments) ->
    case find(Kind, Name) of
        none -> {error, enoent};
        At -> {ok, vbeam_ko_machine:call(vbeam_ko_memory:get(At, Kind, Function), Arguments)}
    end.
