%% Network devices of modules (linux/netdevice.h, net/rtnetlink.h, linux/etherdevice.h), and packets
%% through them. Structures: net_device, net_device_ops, netdev_queue, rtnl_link_ops, sk_buff,
%% rtnl_link_stats64, pcpu_lstats, netdev_hw_addr.
-module(vbeam_linuxkpi_net).
-compile(nowarn_export_all).
-compile(export_all).

-define(EEXIST, 17).
-define(ENODEV, 19).
-define(EINVAL, 22).
-define(EADDRNOTAVAIL, 99).
-define(ALIGN, 32).
-define(ADDRESS_BYTES, 32).
-define(NAME_BYTES, 16).
-define(LINK_STATE_START, 1).
-define(LINK_STATE_NO_CARRIER, 4).
-define(REGISTERED, 1).
-define(UNREGISTERED, 3).
-define(BROADCAST_MULTICAST, 16#1002).
-define(UP, 1).
%% struct skb_shared_info and room before the packet.
-define(HEADROOM, 64).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"alloc_netdev_mqs">>, <<"alloc_etherdev_mqs">>, <<"free_netdev">>,
                <<"register_netdevice">>,
            <<"register_netdev">>, <<"unregister_netdev">>, <<"unregister_netdevice_queue">>,
            <<"unregister_netdevice_many">>, <<"__rtnl_link_register">>, <<"rtnl_link_register">>,
            <<"__rtnl_link_unregister">>, <<"rtnl_link_unregister">>, <<"ether_setup">>,
            <<"eth_mac_addr">>, <<"eth_validate_addr">>, <<"dev_addr_mod">>, <<"dev_lstats_read">>,
            <<"netif_carrier_on">>, <<"netif_carrier_off">>, <<"consume_skb">>,
            <<"kfree_skb_reason">>, <<"__dev_kfree_skb_any">>, <<"skb_tstamp_tx">>,
            <<"skb_clone_tx_timestamp">>, <<"ethtool_op_get_ts_info">>, <<"ethtool_op_get_link">>,
            <<"net_ratelimit">>, <<"register_pernet_subsys">>, <<"unregister_pernet_subsys">>,
            <<"register_pernet_device">>, <<"unregister_pernet_device">>, <<"skb_copy_bits">>
        ]
    ] ++ [{<<"pernet_ops_rwsem">>, {data, 64, <<>>}}].

get(Device, Field) -> vbeam_ko_memory:get(Device, net_device, Field).
set(Device, Field, Value) -> vbeam_ko_memory:set(Device, net_device, Field, Value).

%% --- devices ---------------------------------------------------------------------------------

alloc_netdev_mqs(Private, Name, NameType, Setup, Queues, _ReceiveQueues) ->
    Size = (vbeam_ko_interface:size(net_device) + ?ALIGN - 1) band bnot (?ALIGN - 1),
    Device = vbeam_ko_memory:zeroed(Size + Private),
    QueueSize = vbeam_ko_interface:size(netdev_queue),
    Transmit = vbeam_ko_memory:zeroed(Queues * QueueSize),
    [vbeam_ko_memory:set(Transmit + I * QueueSize, netdev_queue, dev, Device)
        || I <- lists:seq(0, Queues - 1)],
    set(Device, '_tx', Transmit),
    set(Device, num_tx_queues, Queues),
    set(Device, real_num_tx_queues, Queues),
    set(Device, dev_addr, vbeam_ko_memory:zeroed(?ADDRESS_BYTES)),
    set(Device, name_assign_type, NameType),
    set_name(Device, vbeam_ko_memory:string(Name)),
    vbeam_ko_machine:call(Setup, [Device]),
    Device.

alloc_etherdev_mqs(Private, Queues, ReceiveQueues) ->
    vbeam_ko_memory:with(<<"eth%d", 0>>, fun(Name) ->
        Setup = maps:get(<<"ether_setup">>, vbeam_ko_machine:symbols(#{})),
        alloc_netdev_mqs(Private, Name, 0, Setup, Queues, ReceiveQueues)
    end).

free_netdev(Device) ->
    [vbeam_ko_memory:free(Each) || Each <- [get(Device, '_tx'), get(Device, dev_addr), Device]],
    ok.

name(Device) ->
    vbeam_linuxkpi_text:bounded(Device + vbeam_ko_interface:offset(net_device, name), ?NAME_BYTES).
set_name(Device, Text) ->
    Short = binary:part(Text, 0, min(byte_size(Text), ?NAME_BYTES - 1)),
    Filled = <<Short/binary, 0:(?NAME_BYTES - byte_size(Short))/unit:8>>,
    vbeam_ko_memory:write(Device + vbeam_ko_interface:offset(net_device, name), Filled).

devices() -> case get(?MODULE) of undefined -> []; Rows -> Rows end.

%% The names of devices, in the order in which they were registered.
-spec names() -> [binary()].
names() -> [Name || {Name, _} <- lists:reverse(devices())].

register_netdev(Device) -> register_netdevice(Device).

%% A name with %d gets the first number that is free; then the device may say no.
register_netdevice(Device) ->
    case numbered(name(Device)) of
        taken ->
            -?EEXIST;
        Name ->
            set_name(Device, Name),
            set(Device, ifindex, 2 + length(devices())),
            case operation(Device, ndo_init, []) of
                Code when Code =:= 0; Code =:= none ->
                    put(?MODULE, [{Name, Device} | devices()]),
                    set(Device, reg_state, ?REGISTERED),
                    0;
                Error ->
                    Error
            end
    end.

numbered(Name) ->
    case binary:split(Name, <<"%d">>) of
        [Before, After] -> numbered(Before, After, 0);
        [Name] -> case lists:keymember(Name, 1, devices()) of true -> taken; false -> Name end
    end.
numbered(Before, After, Number) ->
    Name = <<Before/binary, (integer_to_binary(Number))/binary, After/binary>>,
    case lists:keymember(Name, 1, devices()) of
        true -> numbered(Before, After, Number + 1);
        false -> Name
    end.

unregister_netdev(Device) -> unregister_netdevice_queue(Device, 0).
unregister_netdevice_queue(Device, _List) ->
    case lists:keytake(Device, 2, devices()) of
        {value, _, Rest} ->
            put(?MODULE, Rest),
            _ = operation(Device, ndo_stop, []),
            _ = operation(Device, ndo_uninit, []),
            set(Device, reg_state, ?UNREGISTERED),
            _ = case get(Device, priv_destructor) of
                0 -> ok;
                Destructor -> vbeam_ko_machine:call(Destructor, [Device])
            end,
            case get(Device, needs_free_netdev) of
                0 -> ok;
                _ -> free_netdev(Device)
            end;
        false ->
            ok
    end.
unregister_netdevice_many(_List) -> ok.

operation(Device, Name, Arguments) ->
    case get(Device, netdev_ops) of
        0 ->
            none;
        Operations ->
            case vbeam_ko_memory:get(Operations, net_device_ops, Name) of
                0 -> none;
                Function -> signed(vbeam_ko_machine:call(Function, [Device | Arguments]))
            end
    end.

signed(Value) ->
    <<Signed:32/signed>> = <<Value:32>>,
    Signed.

%% --- kinds of links --------------------------------------------------------------------------

'__rtnl_link_register'(Operations) ->
    put({?MODULE, links}, [Operations | links()]),
    0.
rtnl_link_register(Operations) -> '__rtnl_link_register'(Operations).
rtnl_link_unregister(Operations) -> '__rtnl_link_unregister'(Operations).
%% All devices of the kind go.
'__rtnl_link_unregister'(Operations) ->
    Own = [Device || {_, Device} <- devices(), get(Device, rtnl_link_ops) =:= Operations],
    [
        case vbeam_ko_memory:get(Operations, rtnl_link_ops, dellink) of
            0 -> unregister_netdevice_queue(Device, 0);
            Function -> vbeam_ko_machine:call(Function, [Device, 0])
        end
     || Device <- Own
    ],
    put({?MODULE, links}, lists:delete(Operations, links())),
    ok.
links() -> case get({?MODULE, links}) of undefined -> []; Rows -> Rows end.

%% Parts of the network stack of which there is one instance: it is told so at once.
register_pernet_subsys(Operations) ->
    case vbeam_ko_memory:get(Operations, pernet_operations, init) of
        0 ->
            0;
        Init ->
            %% Room for what the module keeps with it, by the number that it gets.
            Net = maps:get(<<"init_net">>, vbeam_ko_machine:symbols(#{})),
            signed(vbeam_ko_machine:call(Init, [generic(Net, Operations)]))
    end.

generic(Net, Operations) ->
    case vbeam_ko_memory:get(Operations, pernet_operations, id) of
        0 ->
            Net;
        Id ->
            Size = vbeam_ko_memory:get(Operations, pernet_operations, size),
            Place = vbeam_ko_memory:zeroed(max(8, Size)),
            Table = table_of(Net),
            Number = 3 + length(generics()),
            put({?MODULE, generics}, [{Operations, Number} | generics()]),
            vbeam_ko_memory:write_u32(Id, Number),
            vbeam_ko_memory:write_u64(Table + 8 * Number, Place),
            Net
    end.
generics() -> case get({?MODULE, generics}) of undefined -> []; Rows -> Rows end.

%% struct net_generic: an array behind its own header.
table_of(Net) ->
    case vbeam_ko_memory:get(Net, net, gen) of
        0 ->
            Table = vbeam_ko_memory:zeroed(1024),
            vbeam_ko_memory:set(Net, net, gen, Table),
            Table;
        Table ->
            Table
    end.
register_pernet_device(Operations) -> register_pernet_subsys(Operations).
unregister_pernet_device(Operations) -> unregister_pernet_subsys(Operations).
unregister_pernet_subsys(Operations) ->
    Net = maps:get(<<"init_net">>, vbeam_ko_machine:symbols(#{})),
    case vbeam_ko_memory:get(Operations, pernet_operations, exit) of
        0 -> ok;
        Exit -> vbeam_ko_machine:call(Exit, [Net])
    end,
    ok.

%% --- Ethernet --------------------------------------------------------------------------------

ether_setup(Device) ->
    [
        set(Device, Field, Value)
     || {Field, Value} <- [
            {type, 1}, {hard_header_len, 14}, {min_header_len, 14}, {mtu, 1500}, {min_mtu, 68},
            {max_mtu, 1500}, {addr_len, 6}, {tx_queue_len, 1000}, {flags, ?BROADCAST_MULTICAST}
        ]
    ],
    vbeam_ko_memory:write(
        Device + vbeam_ko_interface:offset(net_device, broadcast), <<16#ffffffffffff:48>>
    ).

dev_addr_mod(Device, Offset, Address, Bytes) ->
    vbeam_ko_memory:write(get(Device, dev_addr) + Offset, vbeam_ko_memory:read(Address, Bytes)).

%% struct sockaddr: the family, then the address.
eth_mac_addr(Device, Sockaddr) ->
    <<_:16, Address:6/binary>> = vbeam_ko_memory:read(Sockaddr, 8),
    case valid(Address) of
        true -> vbeam_ko_memory:write(get(Device, dev_addr), Address), 0;
        false -> -?EADDRNOTAVAIL
    end.
eth_validate_addr(Device) ->
    case valid(vbeam_ko_memory:read(get(Device, dev_addr), 6)) of
        true -> 0;
        false -> -?EADDRNOTAVAIL
    end.
valid(<<_:7, Multicast:1, _/binary>> = Address) -> Multicast =:= 0 andalso Address =/= <<0:48>>.

netif_carrier_on(Device) -> state(Device, fun(Bits) -> Bits band bnot ?LINK_STATE_NO_CARRIER end).
netif_carrier_off(Device) -> state(Device, fun(Bits) -> Bits bor ?LINK_STATE_NO_CARRIER end).
state(Device, Change) -> set(Device, state, Change(get(Device, state))).

%% Packets and bytes that the per-CPU counters have.
dev_lstats_read(Device, ToPackets, ToBytes) ->
    Counters = get(Device, lstats) + vbeam_ko_memory:per_cpu(),
    [
        vbeam_ko_memory:write_u64(To, vbeam_ko_memory:get(Counters, pcpu_lstats, Field))
     || {To, Field} <- [{ToPackets, packets}, {ToBytes, bytes}]
    ],
    ok.

skb_tstamp_tx(_Packet, _Times) -> ok.
skb_clone_tx_timestamp(_Packet) -> ok.
ethtool_op_get_ts_info(_Device, _Information) -> 0.
ethtool_op_get_link(Device) -> (get(Device, state) band ?LINK_STATE_NO_CARRIER) =:= 0.
net_ratelimit() -> 1.

%% --- packets ---------------------------------------------------------------------------------

consume_skb(Packet) -> freed(Packet, consumed).
kfree_skb_reason(Packet, _Reason) -> freed(Packet, dropped).
'__dev_kfree_skb_any'(Packet, _Reason) -> freed(Packet, dropped).

freed(0, _How) ->
    ok;
freed(Packet, How) ->
    put({?MODULE, How}, count(How) + 1),
    vbeam_ko_memory:free(vbeam_ko_memory:get(Packet, sk_buff, head)),
    vbeam_ko_memory:free(Packet).
count(How) -> case get({?MODULE, How}) of undefined -> 0; Number -> Number end.

skb_copy_bits(Packet, Offset, To, Bytes) ->
    case Offset + Bytes =< vbeam_ko_memory:get(Packet, sk_buff, len) of
        true ->
            Data = vbeam_ko_memory:get(Packet, sk_buff, data),
            vbeam_ko_memory:write(To, vbeam_ko_memory:read(Data + Offset, Bytes)),
            0;
        false ->
            -14
    end.

%% A packet with some data.
packet(Data, Device) ->
    Packet = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(sk_buff)),
    Shared = vbeam_ko_interface:size(skb_shared_info),
    Bytes = byte_size(Data),
    End = (?HEADROOM + Bytes + 63) band bnot 63,
    Head = vbeam_ko_memory:zeroed(End + Shared),
    vbeam_ko_memory:write(Head + ?HEADROOM, Data),
    [
        vbeam_ko_memory:set(Packet, sk_buff, Field, Value)
     || {Field, Value} <- [
            {head, Head}, {data, Head + ?HEADROOM}, {tail, ?HEADROOM + Bytes}, {'end', End},
            {len, Bytes}, {truesize, End + Shared}, {dev, Device},
            {mac_header, ?HEADROOM}, {network_header, ?HEADROOM + 14}
        ]
    ],
    vbeam_ko_memory:set(Packet, sk_buff, [users, refs], 1),
    Packet.

%% Sends packets through a device: what it made of each, and its counters afterwards: {Packets,
%% Bytes}, and how many packets it has consumed or dropped.
-spec transmit(binary(), [binary()]) -> {ok, [integer()], map()} | {error, enodev}.
transmit(Name, Packets) ->
    case lists:keyfind(Name, 1, devices()) of
        {_, Device} ->
            up(Device),
            Operations = get(Device, netdev_ops),
            Send = vbeam_ko_memory:get(Operations, net_device_ops, ndo_start_xmit),
            Results = [
                signed(vbeam_ko_machine:call(Send, [packet(Data, Device), Device]))
             || Data <- Packets
            ],
            {ok, Results, counters(Device)};
        false ->
            {error, enodev}
    end.

%% As `ip link set dev NAME up` does it.
up(Device) ->
    case get(Device, flags) band ?UP of
        0 ->
            _ = operation(Device, ndo_open, []),
            set(Device, flags, get(Device, flags) bor ?UP),
            state(Device, fun(Bits) -> Bits bor ?LINK_STATE_START end);
        _ ->
            ok
    end.

counters(Device) ->
    Counters = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(rtnl_link_stats64)),
    _ = operation(Device, ndo_get_stats64, [Counters]),
    Fields = [tx_packets, tx_bytes, rx_packets, rx_bytes, tx_dropped],
    Values = [{F, vbeam_ko_memory:get(Counters, rtnl_link_stats64, F)} || F <- Fields],
    vbeam_ko_memory:free(Counters),
    maps:from_list([
        {consumed, count(consumed)}, {mtu, get(Device, mtu)},
        {address, vbeam_ko_memory:read(get(Device, dev_addr), 6)} | Values
    ]).
