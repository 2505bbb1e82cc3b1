%% The only way to hardware: ports, device memory and interrupt lines as owned capabilities.
%%
%% A claim gives a handle that works only for the claiming process and ends with it. Every function
%% here is a BIF of the VM (vm/bif/hardware.ts); the bodies below run only on a VM that is not
%% VBEAM. Errors: badarg (outside the claim), taken, reserved (the nucleus keeps it), not_owner.
-module(vbeam_hw).
-export([claim_ports/2, claim_memory/2, claim_interrupt/1, release/1, acknowledge/1]).
-export([in/3, out/4, out_bytes/3, read/3, write/4]).
-export([emergency_write/1, emergency_write/2, power_off/1, boot_file/1, system_process/0]).
-export([command_line/0, stream_read/2, stream_write/3]).
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

-spec read(handle(), Offset :: non_neg_integer(), bits() | 64) -> non_neg_integer().
read(_Handle, _Offset, _Bits) -> erlang:nif_error(not_loaded).

-spec write(handle(), Offset :: non_neg_integer(), bits() | 64, non_neg_integer()) -> ok.
write(_Handle, _Offset, _Bits, _Value) -> erlang:nif_error(not_loaded).

%% Text on the emergency console: for the time before the serial driver, and for its failures.
-spec emergency_write(binary()) -> true.
emergency_write(_Text) -> erlang:nif_error(not_loaded).

%% The same on a standard stream of the host's program, 1 or 2.
-spec emergency_write(1 | 2, binary()) -> true.
emergency_write(_Descriptor, _Text) -> erlang:nif_error(not_loaded).

%% The words of the command line that the host gives its guest to obey, the program's name first.
-spec command_line() -> [binary()] | undefined.
command_line() -> erlang:nif_error(not_loaded).

%% What standard input has, and writing to 1 or 2; the handle is that of the device's interrupt.
%% Reading waits when there is nothing: it is for the time after an interrupt.
-spec stream_read(handle(), Bytes :: pos_integer()) -> binary() | eof | {error, atom()}.
stream_read(_Handle, _Bytes) -> erlang:nif_error(not_loaded).

-spec stream_write(handle(), 1 | 2, binary()) -> Written :: non_neg_integer() | {error, atom()}.
stream_write(_Handle, _Descriptor, _Bytes) -> erlang:nif_error(not_loaded).

%% The end: status 0 is a clean power-off. Does not return.
-spec power_off(Status :: byte()) -> no_return().
power_off(_Status) -> erlang:nif_error(not_loaded).

%% A file of the boot archive by name.
-spec boot_file(Name :: binary()) -> binary() | undefined.
boot_file(_Name) -> erlang:nif_error(not_loaded).

%% The calling process is part of what carries OTP: init leaves it alone when it stops the system.
-spec system_process() -> true.
system_process() -> erlang:nif_error(not_loaded).
