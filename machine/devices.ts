/** The PC's devices on their ports and addresses, wired to clock and interrupts. */

import { ioApicBytes } from '../tables/apic.ts';
import { hpet as hpetRegisters } from '../tables/hpet.ts';
import { esbGsi, i6300esb } from '../tables/i6300esb.ts';
import { ich9Lpc, resetControl } from '../tables/ich9.ts';
import {
  com1,
  debugConsolePort,
  debugExitPort,
  hpetPhysical,
  ioApicPhysical,
  keptMemory,
} from '../tables/memory_map.ts';
import { cmosPorts } from '../tables/rtc.ts';
import type { VirtualClock } from './clock.ts';
import { DebugConsole } from './debug_console.ts';
import { setUpDevices } from './firmware.ts';
import { Hpet } from './hpet.ts';
import { I6300Esb } from './i6300esb.ts';
import type { Interrupts } from './interrupts.ts';
import { KeptMemory } from './kept_memory.ts';
import { LpcBridge } from './lpc_bridge.ts';
import { MemoryBus } from './memory_bus.ts';
import { HostBridge, PciBus, pciPorts } from './pci_bus.ts';
import { type PciCard, PciCards } from './pci_cards.ts';
import { PortBus } from './port_bus.ts';
import { DebugExit, ResetControl } from './power_ports.ts';
import { Rtc } from './rtc.ts';
import { type ScriptedBytes, SerialSender } from './serial_input.ts';
import { Uart16550 } from './uart_16550.ts';

export interface Devices {
  readonly ports: PortBus;
  readonly memory: MemoryBus;
  readonly uart: Uart16550;
  readonly sender: SerialSender;
  readonly bridge: LpcBridge;
  /** What the reset line does, and the firmware after it. */
  reset(): void;
}

export interface DeviceWiring {
  readonly clock: VirtualClock;
  readonly interrupts: Interrupts;
  readonly serialScript: readonly ScriptedBytes[];
  readonly onSerial: (byte: number) => void;
  /** What a reset leaves alone. */
  readonly kept?: KeptMemory;
  /** Nanoseconds since 1970 when virtual time is 0. */
  readonly wallClockNs: bigint;
  /** Cards on the PCI bus besides what every PC has. */
  readonly cards?: readonly PciCard[];
  /** Memory that devices reach by themselves. */
  readonly dma?: (physical: number, bytes: number) => Uint8Array | null;
  /** The guest switched the machine off or left through the exit device. */
  readonly onEnd: (status: number) => void;
  /** A device pulled the reset line; it says why. */
  readonly onReset: (reason: string) => void;
  /** The machine has a debug console. */
  readonly onDebug?: (byte: number) => void;
}

interface SerialPort {
  readonly uart: Uart16550;
  readonly sender: SerialSender;
}

function addSerialPort(wiring: DeviceWiring, ports: PortBus): SerialPort {
  const { clock, interrupts } = wiring;
  const uart: Uart16550 = new Uart16550({
    clock,
    onSend: wiring.onSerial,
    onInterrupt: (level) => interrupts.setLine(com1.gsi, level),
    onRoom: () => sender.proceed(),
  });
  const sender = new SerialSender(clock, uart, wiring.serialScript);
  ports.add(com1.port, com1.ports, {
    read: (offset, width) => (width === 1 ? uart.read(offset) : null),
    write: (offset, width, value) => {
      if (width === 1) uart.write(offset, value);
      return width === 1;
    },
  });
  return { uart, sender };
}

interface Chipset {
  readonly cards: PciCards;
  readonly pci: PciBus;
  readonly bridge: LpcBridge;
  readonly resetControl: ResetControl;
}

function addChipset(wiring: DeviceWiring, ports: PortBus, memory: MemoryBus): Chipset {
  const { clock, interrupts, onReset } = wiring;
  const control = new ResetControl(() => onReset('reset control register'));
  const pci = new PciBus();
  // The reset control register lies among the ports of the PCI bus; a byte there is its.
  ports.add(resetControl.port, 1, control);
  ports.add(pciPorts.first, pciPorts.count, pci);
  const bridge = new LpcBridge({
    clock,
    ports,
    memory,
    setLine: (gsi, high) => interrupts.setLine(gsi, high, 'sci'),
    onPowerOff: () => wiring.onEnd(0),
    onReset: () => onReset('watchdog of the LPC bridge'),
  });
  const watchdog = new I6300Esb({
    clock,
    memory,
    onInterrupt: (high) => interrupts.setLine(esbGsi, high, 'i6300esb'),
    onReset: () => onReset('watchdog i6300esb'),
  });
  pci.add(0, 0, new HostBridge(pci, memory));
  pci.add(ich9Lpc.device, ich9Lpc.function, bridge);
  pci.add(i6300esb.device, i6300esb.function, watchdog);
  const cards = new PciCards(pci, wiring.cards ?? [], {
    clock,
    memory,
    dma: wiring.dma ?? (() => null),
    onMessage: (data) => interrupts.message(data),
  });
  return { pci, bridge, resetControl: control, cards };
}

export function newDevices(wiring: DeviceWiring): Devices {
  const { clock, interrupts } = wiring;
  const ports = new PortBus();
  const memory = new MemoryBus();
  const { uart, sender } = addSerialPort(wiring, ports);
  const chipset = addChipset(wiring, ports, memory);
  const hpet = new Hpet({
    clock,
    setLine: (gsi, high) => interrupts.setLine(gsi, high, 'hpet'),
  });
  const rtc = new Rtc({
    clock,
    wallClockNs: wiring.wallClockNs,
    onInterrupt: (high) => hpet.setRtcLine(high),
    onAlarm: () => chipset.bridge.pm.rtcAlarm(),
  });
  memory.add(hpetPhysical, hpetRegisters.blockBytes, hpet);
  memory.add(keptMemory.physical, keptMemory.bytes, wiring.kept ?? new KeptMemory());
  memory.add(ioApicPhysical, ioApicBytes, interrupts.ioApic);
  ports.add(cmosPorts.index, 2, rtc);
  ports.add(debugExitPort, 2, new DebugExit(wiring.onEnd));
  if (wiring.onDebug) ports.add(debugConsolePort, 1, new DebugConsole(wiring.onDebug));
  setUpDevices(chipset.pci, chipset.bridge, uart);
  const reset = () => {
    for (const device of [chipset.pci, chipset.resetControl, hpet, rtc, interrupts]) device.reset();
    setUpDevices(chipset.pci, chipset.bridge, uart);
    chipset.cards.setUp();
  };
  return { ports, memory, uart, sender, bridge: chipset.bridge, reset };
}
