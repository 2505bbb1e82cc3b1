%% Registers of configuration space: PCI Local Bus Specification 3.0, chapter 6 and section 6.8;
%% PCI-to-PCI Bridge Architecture Specification 1.2, chapter 3; PCI Express Base Specification,
%% section 7.8.
-define(VENDOR, 16#00).
-define(DEVICE, 16#02).
-define(COMMAND, 16#04).
-define(COMMAND_PORTS, 16#0001).
-define(COMMAND_MEMORY, 16#0002).
-define(COMMAND_MASTER, 16#0004).
-define(COMMAND_NO_LINE, 16#0400).
-define(STATUS, 16#06).
-define(STATUS_CAPABILITIES, 16#0010).
-define(REVISION, 16#08).
-define(PROG_IF, 16#09).
-define(SUBCLASS, 16#0a).
-define(CLASS, 16#0b).
-define(HEADER_TYPE, 16#0e).
-define(HEADER_MULTI_FUNCTION, 16#80).
-define(BAR0, 16#10).
-define(SUBSYSTEM_VENDOR, 16#2c).
-define(SUBSYSTEM, 16#2e).
-define(CAPABILITIES, 16#34).
-define(INTERRUPT_LINE, 16#3c).
-define(INTERRUPT_PIN, 16#3d).
%% Where the registers end that all functions have, and where the extended ones begin.
-define(HEADER_END, 16#40).
-define(EXTENDED, 16#100).

%% Of a bridge.
-define(SECONDARY_BUS, 16#19).
-define(SUBORDINATE_BUS, 16#1a).
-define(IO_BASE, 16#1c).
-define(IO_LIMIT, 16#1d).
-define(MEMORY_BASE, 16#20).
-define(MEMORY_LIMIT, 16#22).

%% Capabilities.
-define(CAP_MSI, 16#05).
-define(CAP_EXPRESS, 16#10).
-define(CAP_MSIX, 16#11).
-define(CLASS_BRIDGE, 16#06).
