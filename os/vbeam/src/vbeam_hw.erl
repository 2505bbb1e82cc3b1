%% The only way to hardware: ports, device memory and interrupt lines as owned capabilities.
%%
%% A claim gives a handle that works only for the claiming process and ends with it. Every function
%% here is a BIF of the VM (vm/bif/hardware.ts); the bodies below run only on a VM that is not
%% VBEAM. Errors: badarg (outside the claim), taken, reserved (the nucleus keeps it), not_owner,
%% system_limit (the host's table of claims is full).
-module(vbeam_hw).
-export([claim_ports/2, claim_memory/2, claim_interrupt/1, claim_dma/1, claim_messages/1, lend/2]).
-export([release/1, acknowledge/1]).
-export([in/3, out/4, out_bytes/3, out_bytes/6, read/3, write/4, read_bytes/3, write_bytes/3]).
-export([emergency_write/1, emergency_write/2, power_off/1, reset/0, boot_file/1]).
-export([machine/0, system_process/0]).
-export([command_line/0, stream_watch/3, stream_ready/1, stream_read/3, stream_write/3]).
-export([stream_close/2, start_program/6, program_ended/1, signals/2]).
-export([window_size/2, terminal_mode/3, replace_file/2, keep_code/0]).
-export_type([handle/0]).

-opaque handle() :: reference().
-type bits() :: 8 | 16 | 32.

-spec claim_ports(First :: 0..65535, Count :: 1..65536) -> handle().
claim_ports(_First, _Count) -> erlang:nif_error(not_loaded).

-spec claim_memory(PhysicalAddress :: non_neg_integer(), Bytes :: pos_integer()) -> handle().
claim_memory(_First, _Bytes) -> erlang:nif_error(not_loaded).

%% From now on {interrupt, Vector, Data} messages come; the line is masked until acknowledge/1.
-spec claim_interrupt(Gsi :: non_neg_integer()) -> {handle(), Vector :: byte()}.
claim_interrupt(_Gsi) -> erlang:nif_error(not_loaded).

%% Zeroed memory that devices reach at the physical address: whole pages of 4096 bytes below 4 GiB,
%% at most 256 KiB in one claim. read/3, write/4, read_bytes/3 and write_bytes/3 are for the driver.
%% A driver resets its device before it claims: what the former incarnation had is free memory now.
%% Errors: no_dma where the host has none, system_limit when all is in use.
-spec claim_dma(Bytes :: 1..262144) -> {handle(), PhysicalAddress :: non_neg_integer()}.
claim_dma(_Bytes) -> erlang:nif_error(not_loaded).

%% Vectors in a row for interrupts that devices send as messages: they write Data, plus a number
%% below Count, to the address. Count is a power of two. Errors: no_messages where there are none,
%% system_limit when all are in use.
-spec claim_messages(Count :: 1..32) ->
    {handle(), FirstVector :: byte(), PhysicalAddress :: pos_integer(), Data :: byte()}.
claim_messages(_Count) -> erlang:nif_error(not_loaded).

%% The claim is the other process's until it releases it or ends; then it is the caller's again, or
%% free when the caller has ended before. What was lent cannot be lent on: not_owner.
-spec lend(handle(), pid()) -> ok.
lend(_Handle, _Pid) -> erlang:nif_error(not_loaded).

-spec release(handle()) -> ok.
release(_Handle) -> erlang:nif_error(not_loaded).

%% The device has been served: its line may interrupt again.
-spec acknowledge(handle()) -> ok.
acknowledge(_Handle) -> erlang:nif_error(not_loaded).

-spec in(handle(), Offset :: non_neg_integer(), bits()) -> non_neg_integer().
in(_Handle, _Offset, _Bits) -> erlang:nif_error(not_loaded).

-spec out(handle(), Offset :: non_neg_integer(), bits(), non_neg_integer()) -> ok.
out(_Handle, _Offset, _Bits, _Value) -> erlang:nif_error(not_loaded).

%% All bytes of a binary (at most 64) to one port: a FIFO.
-spec out_bytes(handle(), Offset :: non_neg_integer(), binary()) -> ok.
out_bytes(_Handle, _Offset, _Bytes) -> erlang:nif_error(not_loaded).

%% The same, and value Index of Atomics is Value then. The caller cannot be ended between the two,
%% so its successor knows what went out.
-spec out_bytes(
    handle(), Offset :: non_neg_integer(), binary(),
    atomics:atomics_ref(), Index :: pos_integer(), Value :: integer()
) -> ok.
out_bytes(_Handle, _Offset, _Bytes, _Atomics, _Index, _Value) -> erlang:nif_error(not_loaded).

-spec read(handle(), Offset :: non_neg_integer(), bits() | 64) -> non_neg_integer().
read(_Handle, _Offset, _Bits) -> erlang:nif_error(not_loaded).

-spec write(handle(), Offset :: non_neg_integer(), bits() | 64, non_neg_integer()) -> ok.
write(_Handle, _Offset, _Bits, _Value) -> erlang:nif_error(not_loaded).

%% Copies from and to DMA memory.
-spec read_bytes(handle(), Offset :: non_neg_integer(), Bytes :: non_neg_integer()) -> binary().
read_bytes(_Handle, _Offset, _Bytes) -> erlang:nif_error(not_loaded).

-spec write_bytes(handle(), Offset :: non_neg_integer(), binary()) -> ok.
write_bytes(_Handle, _Offset, _Data) -> erlang:nif_error(not_loaded).

%% Text on the emergency console: for the time before the serial driver, and for its failures.
-spec emergency_write(binary()) -> true.
emergency_write(_Text) -> erlang:nif_error(not_loaded).

%% The same on a standard stream of the host's program, 1 or 2.
-spec emergency_write(1 | 2, binary()) -> true.
emergency_write(_Descriptor, _Text) -> erlang:nif_error(not_loaded).

%% The words of the command line that the host gives its guest to obey, the program's name first.
-spec command_line() -> [binary()] | undefined.
command_line() -> erlang:nif_error(not_loaded).

%% Streams of the host's program (tables/host_files.ts); the handle is that of the device's
%% interrupt. Nothing here waits. Events: 1 to read, 4 to write.
-spec stream_watch(handle(), Descriptor :: non_neg_integer(), Events :: non_neg_integer()) ->
    ok | {error, atom()}.
stream_watch(_Handle, _Descriptor, _Events) -> erlang:nif_error(not_loaded).

-spec stream_ready(handle()) -> [{Descriptor :: non_neg_integer(), Events :: pos_integer()}].
stream_ready(_Handle) -> erlang:nif_error(not_loaded).

-spec stream_read(handle(), Descriptor :: non_neg_integer(), Bytes :: pos_integer()) ->
    binary() | eof | {error, atom()}.
stream_read(_Handle, _Descriptor, _Bytes) -> erlang:nif_error(not_loaded).

-spec stream_write(handle(), Descriptor :: non_neg_integer(), binary()) ->
    Written :: non_neg_integer() | {error, atom()}.
stream_write(_Handle, _Descriptor, _Bytes) -> erlang:nif_error(not_loaded).

-spec stream_close(handle(), Descriptor :: non_neg_integer()) -> ok | {error, atom()}.
stream_close(_Handle, _Descriptor) -> erlang:nif_error(not_loaded).

%% Words: the program's command line; variables: NAME=VALUE. Gives its number and the descriptors
%% that it reads from and writes to, -1 for none.
-spec start_program(
    handle(), Path :: binary(), Folder :: binary(), Words :: [binary()], Variables :: [binary()],
    Flags :: non_neg_integer()
) -> {pos_integer(), integer(), integer()} | {error, atom()}.
start_program(_Handle, _Path, _Folder, _Words, _Variables, _Flags) -> erlang:nif_error(not_loaded).

%% A program that has ended, with its status as of waitpid(2).
-spec program_ended(handle()) -> {pos_integer(), non_neg_integer()} | false.
program_ended(_Handle) -> erlang:nif_error(not_loaded).

%% Signals of a set, bit N - 1 for signal N, are records that the descriptor gives.
-spec signals(handle(), Set :: non_neg_integer()) ->
    Descriptor :: non_neg_integer() | {error, atom()}.
signals(_Handle, _Set) -> erlang:nif_error(not_loaded).

-spec window_size(handle(), Descriptor :: non_neg_integer()) ->
    {Columns :: non_neg_integer(), Rows :: non_neg_integer()} | {error, atom()}.
window_size(_Handle, _Descriptor) -> erlang:nif_error(not_loaded).

%% `keys`: a terminal gives each key as it is pressed; `found`: as it was in the beginning.
-spec terminal_mode(handle(), Descriptor :: non_neg_integer(), keys | found) ->
    ok | {error, atom()}.
terminal_mode(_Handle, _Descriptor, _Mode) -> erlang:nif_error(not_loaded).

%% The end: status 0 is a clean power-off. Does not return.
-spec power_off(Status :: byte()) -> no_return().
power_off(_Status) -> erlang:nif_error(not_loaded).

%% The machine boots again. Does not return.
-spec reset() -> no_return().
reset() -> erlang:nif_error(not_loaded).

%% What is known of the machine, as far as the firmware says it: how many processors it has (one is
%% used); which memory a reset leaves as it is, to be claimed as a whole; and where the
%% configuration space of PCI buses lies in memory: 4,096 bytes for each function, the bus in bits
%% 20 to 27 of the address, device and function below.
-spec machine() -> [
    {processors, pos_integer()}
    | {kept_memory, {PhysicalAddress :: pos_integer(), Bytes :: pos_integer()}}
    | {pci_express, {PhysicalAddress :: pos_integer(), FirstBus :: byte(), LastBus :: byte()}}
].
machine() -> erlang:nif_error(not_loaded).

%% A file of the boot archive by name.
-spec boot_file(Name :: binary()) -> binary() | undefined.
boot_file(_Name) -> erlang:nif_error(not_loaded).

%% Who reads the whole file Name next gets what is in file Other: a path that ends in Name counts.
-spec replace_file(Name :: binary(), Other :: binary()) -> true.
replace_file(_Name, _Other) -> erlang:nif_error(not_loaded).

%% The calling process is part of what carries OTP: init leaves it alone when it stops the system.
-spec system_process() -> true.
system_process() -> erlang:nif_error(not_loaded).

%% All modules that are loaded now stay when init unloads the others to start the system again.
-spec keep_code() -> true.
keep_code() -> erlang:nif_error(not_loaded).
