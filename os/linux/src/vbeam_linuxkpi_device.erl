%% Character devices (linux/fs.h, linux/cdev.h, linux/miscdevice.h), the device model as far as
%% modules with such devices need it (linux/device.h), hot-plug states and calls of processors, of
%% which there is one, completions; and reading and writing such a device as a program would.
%% Structures: file, inode, dentry, path, device, class, completion, __call_single_data, cdev.
-module(vbeam_linuxkpi_device).
-compile(nowarn_export_all).
-compile(export_all).

-define(MINOR_BITS, 20).
%% The first major number that is given out, downwards, as Linux does it.
-define(DYNAMIC_MAJOR, 254).
-define(DYNAMIC_MINOR, 255).
-define(DYNAMIC_STATE, 200).
-define(EBUSY, 16).
-define(ENODEV, 19).
-define(EINVAL, 22).
-define(ESPIPE, 29).
-define(FMODE_READ_WRITE, 3).

-spec table() -> [vbeam_linuxkpi:row()].
table() ->
    [
        {Name, {call, ?MODULE}}
     || Name <- [
            <<"__register_chrdev">>, <<"__unregister_chrdev">>, <<"alloc_chrdev_region">>,
            <<"register_chrdev_region">>, <<"unregister_chrdev_region">>, <<"cdev_init">>,
            <<"cdev_add">>, <<"cdev_del">>, <<"misc_register">>, <<"misc_deregister">>,
            <<"__class_create">>, <<"class_destroy">>, <<"__class_register">>,
            <<"class_unregister">>, <<"device_create">>, <<"device_destroy">>,
            <<"device_initialize">>, <<"dev_set_name">>, <<"get_device">>, <<"put_device">>,
            <<"__cpuhp_setup_state">>, <<"__cpuhp_remove_state">>, <<"__init_swait_queue_head">>,
            <<"complete">>, <<"complete_all">>, <<"wait_for_completion">>,
            <<"wait_for_completion_interruptible">>, <<"wait_for_completion_timeout">>,
            <<"smp_call_function_single_async">>, <<"smp_call_function_single">>,
            <<"no_seek_end_llseek">>, <<"noop_llseek">>, <<"default_llseek">>,
            <<"nonseekable_open">>, <<"stream_open">>, <<"simple_open">>,
                <<"__init_waitqueue_head">>,
            <<"__wake_up">>, <<"__mutex_init">>, <<"__init_rwsem">>, <<"__request_module">>,
            <<"debugfs_create_dir">>, <<"debugfs_create_u64">>, <<"debugfs_create_u32">>,
            <<"debugfs_create_bool">>, <<"debugfs_create_file">>, <<"debugfs_remove">>
        ]
    ].

devices() -> case get(?MODULE) of undefined -> []; Rows -> Rows end.

%% --- numbers: {Major, First minor, Count, Name, file_operations} -----------------------------

'__register_chrdev'(0, Base, Count, Name, Operations) ->
    Major = free_major(?DYNAMIC_MAJOR),
    0 = '__register_chrdev'(Major, Base, Count, Name, Operations),
    Major;
'__register_chrdev'(Major, Base, Count, Name, Operations) ->
    case [1 || {M, B, C, _, _} <- devices(), M =:= Major, B < Base + Count, Base < B + C] of
        [] ->
            Row = {Major, Base, Count, vbeam_ko_memory:string(Name), Operations},
            put(?MODULE, [Row | devices()]),
            0;
        _ ->
            -?EBUSY
    end.

'__unregister_chrdev'(Major, Base, Count, _Name) -> removed(Major, Base, Count).

alloc_chrdev_region(To, Base, Count, Name) ->
    Major = free_major(?DYNAMIC_MAJOR),
    vbeam_ko_memory:write_u32(To, (Major bsl ?MINOR_BITS) bor Base),
    '__register_chrdev'(Major, Base, Count, Name, 0).
register_chrdev_region(Number, Count, Name) ->
    '__register_chrdev'(major(Number), minor(Number), Count, Name, 0).
unregister_chrdev_region(Number, Count) -> removed(major(Number), minor(Number), Count).

removed(Major, Base, Count) ->
    put(?MODULE, [
        Row
     || Row = {M, B, C, _, _} <- devices(), {M, B, C} =/= {Major, Base, Count}
    ]),
    ok.

free_major(Major) ->
    case lists:keymember(Major, 1, devices()) of
        true -> free_major(Major - 1);
        false -> Major
    end.

major(Number) -> Number bsr ?MINOR_BITS.
minor(Number) -> Number band ((1 bsl ?MINOR_BITS) - 1).

cdev_init(Device, Operations) ->
    vbeam_ko_memory:write(Device, <<0:(vbeam_ko_interface:size(cdev))/unit:8>>),
    vbeam_ko_memory:set(Device, cdev, ops, Operations).
%% The operations of a range of numbers that was asked for before.
cdev_add(Device, Number, Count) ->
    Operations = vbeam_ko_memory:get(Device, cdev, ops),
    Name = case [N || {M, _, _, N, _} <- devices(), M =:= major(Number)] of
        [Known | _] -> Known;
        [] -> <<"cdev">>
    end,
    Row = {major(Number), minor(Number), Count, Name, Operations},
    put(?MODULE, [Row | devices()]),
    vbeam_ko_memory:set(Device, cdev, dev, Number),
    vbeam_ko_memory:set(Device, cdev, count, Count),
    0.
cdev_del(Device) ->
    Operations = vbeam_ko_memory:get(Device, cdev, ops),
    Number = vbeam_ko_memory:get(Device, cdev, dev),
    put(?MODULE, [
        Row
     || Row = {M, B, _, _, O} <- devices(), {M, B, O} =/= {major(Number), minor(Number), Operations}
    ]),
    ok.

%% Devices of major number 10.
misc_register(Device) ->
    Name = vbeam_ko_memory:get(Device, miscdevice, name),
    Operations = vbeam_ko_memory:get(Device, miscdevice, fops),
    Minor = case vbeam_ko_memory:get(Device, miscdevice, minor) of
        ?DYNAMIC_MINOR -> 128 + length(devices());
        Given -> Given
    end,
    vbeam_ko_memory:set(Device, miscdevice, minor, Minor),
    '__register_chrdev'(10, Minor, 1, Name, Operations).
misc_deregister(Device) -> removed(10, vbeam_ko_memory:get(Device, miscdevice, minor), 1).

%% --- classes and devices ---------------------------------------------------------------------

'__class_create'(_Owner, Name, _Key) ->
    Class = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(class)),
    vbeam_ko_memory:set(Class, class, name, Name),
    Class.
class_destroy(Class) -> vbeam_ko_memory:free(Class).
'__class_register'(_Class, _Key) -> 0.
class_unregister(_Class) -> ok.

device_create(Class, Parent, Number, Data, Format, Arguments) ->
    Device = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(device)),
    vbeam_ko_memory:set(Device, device, class, Class),
    vbeam_ko_memory:set(Device, device, parent, Parent),
    vbeam_ko_memory:set(Device, device, devt, Number),
    vbeam_ko_memory:set(Device, device, driver_data, Data),
    named(Device, vbeam_linuxkpi_text:format(Format, Arguments)),
    put({?MODULE, devices}, [{Class, Number, Device} | created()]),
    Device.
device_destroy(Class, Number) ->
    case [Row || Row = {C, N, _} <- created(), C =:= Class, N =:= Number] of
        [{_, _, Device} = Row | _] ->
            put({?MODULE, devices}, lists:delete(Row, created())),
            vbeam_ko_memory:free(vbeam_ko_memory:get(Device, device, [kobj, name])),
            vbeam_ko_memory:free(Device);
        [] ->
            ok
    end.

created() -> case get({?MODULE, devices}) of undefined -> []; Rows -> Rows end.

device_initialize(_Device) -> ok.
dev_set_name(Device, Format, Arguments) ->
    named(Device, vbeam_linuxkpi_text:format(Format, Arguments)),
    0.
named(Device, Name) ->
    Text = vbeam_ko_memory:copy(<<Name/binary, 0>>, 1),
    vbeam_ko_memory:set(Device, device, [kobj, name], Text).
get_device(Device) -> Device.
put_device(_Device) -> ok.

%% Names of devices as they stand in /dev: the class may have its own idea.
-spec names() -> [{binary(), Major :: non_neg_integer(), Minor :: non_neg_integer()}].
names() ->
    [
        {node_name(Class, Device), major(Number), minor(Number)}
     || {Class, Number, Device} <- lists:reverse(created())
    ] ++ [{Name, 10, Minor} || {10, Minor, _, Name, _} <- lists:reverse(devices())].

node_name(Class, Device) ->
    case vbeam_ko_memory:get(Class, class, devnode) of
        0 ->
            vbeam_ko_memory:string(vbeam_ko_memory:get(Device, device, [kobj, name]));
        Function ->
            Text = vbeam_ko_machine:call(Function, [Device, 0]),
            Name = vbeam_ko_memory:string(Text),
            vbeam_ko_memory:free(Text),
            Name
    end.

%% --- processors ------------------------------------------------------------------------------

%% The one processor is there already: it is told so at once.
'__cpuhp_setup_state'(_State, _Name, Invoke, Startup, Teardown, _Multi) ->
    Number = ?DYNAMIC_STATE + length(states()),
    Result = case Invoke =:= 1 andalso Startup =/= 0 of
        true -> signed(vbeam_ko_machine:call(Startup, [0]));
        false -> 0
    end,
    case Result of
        0 -> put({?MODULE, states}, [{Number, Teardown} | states()]), Number;
        Error -> Error
    end.
'__cpuhp_remove_state'(State, Invoke) ->
    case lists:keytake(State, 1, states()) of
        {value, {_, Teardown}, Rest} ->
            put({?MODULE, states}, Rest),
            _ = Invoke =:= 1 andalso Teardown =/= 0 andalso vbeam_ko_machine:call(Teardown, [0]),
            ok;
        false ->
            ok
    end.
states() -> case get({?MODULE, states}) of undefined -> []; Rows -> Rows end.

smp_call_function_single_async(0, Data) ->
    Function = vbeam_ko_memory:get(Data, '__call_single_data', func),
    vbeam_ko_machine:call(Function, [vbeam_ko_memory:get(Data, '__call_single_data', info)]),
    0;
smp_call_function_single_async(_Other, _Data) ->
    -6.
smp_call_function_single(0, Function, Information, _Wait) ->
    vbeam_ko_machine:call(Function, [Information]),
    0;
smp_call_function_single(_Other, _Function, _Information, _Wait) ->
    -6.

%% --- waiting ---------------------------------------------------------------------------------

'__init_swait_queue_head'(Queue, _Name, _Key) ->
    List = Queue + vbeam_ko_interface:offset(swait_queue_head, task_list),
    vbeam_ko_memory:write(List, <<List:64/little, List:64/little>>).
'__init_waitqueue_head'(Queue, _Name, _Key) ->
    List = Queue + vbeam_ko_interface:offset(wait_queue_head, head),
    vbeam_ko_memory:write(List, <<List:64/little, List:64/little>>).
'__wake_up'(_Queue, _Mode, _Count, _Key) -> 0.
'__mutex_init'(Mutex, _Name, _Key) ->
    vbeam_ko_memory:write(Mutex, <<0:(vbeam_ko_interface:size(mutex))/unit:8>>),
    List = Mutex + vbeam_ko_interface:offset(mutex, wait_list),
    vbeam_ko_memory:write(List, <<List:64/little, List:64/little>>).
'__init_rwsem'(Semaphore, _Name, _Key) ->
    vbeam_ko_memory:write(Semaphore, <<0:(vbeam_ko_interface:size(rw_semaphore))/unit:8>>),
    List = Semaphore + vbeam_ko_interface:offset(rw_semaphore, wait_list),
    vbeam_ko_memory:write(List, <<List:64/little, List:64/little>>).

complete(Completion) ->
    Done = vbeam_ko_memory:get(Completion, completion, done),
    vbeam_ko_memory:set(Completion, completion, done, Done + 1).
complete_all(Completion) -> vbeam_ko_memory:set(Completion, completion, done, 16#7fffffff).

%% Nobody but this module's own timers could complete it; they have their turns here.
wait_for_completion(Completion) ->
    case vbeam_ko_memory:get(Completion, completion, done) of
        0 ->
            receive
                {timer, Timer} -> vbeam_linuxkpi_time:fired(Timer);
                {work, Key, Reference} -> vbeam_linuxkpi_work:due(Key, Reference)
            after 5000 ->
                exit(waits_for_ever)
            end,
            wait_for_completion(Completion);
        Done ->
            vbeam_ko_memory:set(Completion, completion, done, Done - 1)
    end.
wait_for_completion_interruptible(Completion) ->
    wait_for_completion(Completion),
    0.
wait_for_completion_timeout(Completion, Jiffies) ->
    wait_for_completion(Completion),
    max(1, Jiffies).

%% --- positions of files ----------------------------------------------------------------------

default_llseek(File, Offset, Whence) -> no_seek_end_llseek(File, Offset, Whence).
noop_llseek(File, _Offset, _Whence) -> vbeam_ko_memory:get(File, file, f_pos).
no_seek_end_llseek(File, Offset, Whence) ->
    New = case Whence of
        0 -> Offset;
        1 -> vbeam_ko_memory:get(File, file, f_pos) + Offset;
        _ -> -1
    end,
    case New >= 0 of
        true -> vbeam_ko_memory:set(File, file, f_pos, New), New;
        false -> -?EINVAL
    end.
nonseekable_open(_Inode, _File) -> 0.
stream_open(_Inode, _File) -> 0.
simple_open(Inode, File) ->
    vbeam_ko_memory:set(File, file, private_data, vbeam_ko_memory:get(Inode, inode, i_private)),
    0.

%% Names of modules; what is an alias of one is not found.
'__request_module'(_Wait, Format, Arguments) ->
    case vbeam_ko_module:request(vbeam_linuxkpi_text:format(Format, Arguments)) of
        ok -> 0;
        {error, _} -> -2
    end.

%% Nobody mounts debugfs.
debugfs_create_dir(_Name, _Parent) -> -?ENODEV.
debugfs_create_u64(_Name, _Mode, _Parent, _Value) -> ok.
debugfs_create_u32(_Name, _Mode, _Parent, _Value) -> ok.
debugfs_create_bool(_Name, _Mode, _Parent, _Value) -> ok.
debugfs_create_file(_Name, _Mode, _Parent, _Data, _Operations) -> -?ENODEV.
debugfs_remove(_Entry) -> ok.

%% --- use -------------------------------------------------------------------------------------

%% Opens a device, does something with {File, Inode, Operations}, and closes it.
-spec with_device(non_neg_integer(), non_neg_integer(), fun()) -> term().
with_device(Major, Minor, Do) ->
    Found = [
        Operations
     || {M, B, C, _, Operations} <- devices(),
        M =:= Major, Minor >= B, Minor < B + C, Operations =/= 0
    ],
    case Found of
        [] ->
            {error, -?ENODEV};
        [Operations | _] ->
            Inode = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(inode)),
            File = vbeam_ko_memory:zeroed(vbeam_ko_interface:size(file)),
            Number = (Major bsl ?MINOR_BITS) bor Minor,
            vbeam_ko_memory:set(Inode, inode, i_rdev, Number),
            vbeam_ko_memory:set(File, file, f_inode, Inode),
            vbeam_ko_memory:set(File, file, f_op, Operations),
            vbeam_ko_memory:set(File, file, f_mode, ?FMODE_READ_WRITE),
            Result = case operation(Operations, open, [Inode, File]) of
                Code when Code =:= 0; Code =:= none ->
                    Done = Do({File, Inode, Operations}),
                    _ = operation(Operations, release, [Inode, File]),
                    Done;
                Error ->
                    {error, Error}
            end,
            [vbeam_ko_memory:free(Each) || Each <- [Inode, File]],
            Result
    end.

operation(Operations, Name, Arguments) ->
    case vbeam_ko_memory:get(Operations, file_operations, Name) of
        0 -> none;
        Function -> signed_64(vbeam_ko_machine:call(Function, Arguments))
    end.

-spec read(non_neg_integer(), non_neg_integer(), non_neg_integer(), pos_integer()) ->
    {ok, binary()} | {error, integer()}.
read(Major, Minor, Position, Bytes) ->
    with_device(Major, Minor, fun({File, _, Operations}) ->
        Buffer = vbeam_ko_memory:zeroed(Bytes),
        Where = vbeam_ko_memory:copy(<<Position:64/little>>, 8),
        Result = case operation(Operations, read, [File, Buffer, Bytes, Where]) of
            Count when is_integer(Count), Count >= 0 ->
                {ok, vbeam_ko_memory:read(Buffer, min(Count, Bytes))};
            none -> {error, -?EINVAL};
            Error -> {error, Error}
        end,
        [vbeam_ko_memory:free(Each) || Each <- [Buffer, Where]],
        Result
    end).

-spec write(non_neg_integer(), non_neg_integer(), non_neg_integer(), binary()) ->
    {ok, non_neg_integer()} | {error, integer()}.
write(Major, Minor, Position, Data) ->
    with_device(Major, Minor, fun({File, _, Operations}) ->
        Where = vbeam_ko_memory:copy(<<Position:64/little>>, 8),
        Result = vbeam_ko_memory:with(Data, fun(Buffer) ->
            operation(Operations, write, [File, Buffer, byte_size(Data), Where])
        end),
        vbeam_ko_memory:free(Where),
        case Result of
            Count when is_integer(Count), Count >= 0 -> {ok, Count};
            none -> {error, -?EINVAL};
            Error -> {error, Error}
        end
    end).

signed(Value) ->
    <<Signed:32/signed>> = <<Value:32>>,
    Signed.
signed_64(Value) ->
    <<Signed:64/signed>> = <<Value:64>>,
    Signed.
