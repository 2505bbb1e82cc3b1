/** The PC's devices on their ports, wired to the clock and the interrupt controller. */

import { pm1aControlPort } from '../tables/machine.ts';
import { com1, debugExitPort } from '../tables/memory_map.ts';
import { uartSetUp } from '../tables/uart.ts';
import type { VirtualClock } from './clock.ts';
import type { Interrupts } from './interrupts.ts';
import { newHostBridge, PciBus, pciPorts } from './pci_bus.ts';
import { PortBus } from './port_bus.ts';
import { DebugExit, Pm1Control } from './power_ports.ts';
import { type ScriptedBytes, SerialSender } from './serial_input.ts';
import { Uart16550 } from './uart_16550.ts';

export interface Devices {
  readonly ports: PortBus;
  readonly uart: Uart16550;
  readonly sender: SerialSender;
}

export interface DeviceWiring {
  readonly clock: VirtualClock;
  readonly interrupts: Interrupts;
  readonly serialScript: readonly ScriptedBytes[];
  readonly onSerial: (byte: number) => void;
  /** The guest switched the machine off or left through the exit device. */
  readonly onEnd: (status: number) => void;
}

export function newDevices(wiring: DeviceWiring): Devices {
  const { clock, interrupts } = wiring;
  const ports = new PortBus();
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
  const pci = new PciBus();
  pci.add(0, 0, newHostBridge());
  ports.add(pciPorts.first, pciPorts.count, pci);
  ports.add(pm1aControlPort, 2, new Pm1Control(() => wiring.onEnd(0)));
  ports.add(debugExitPort, 2, new DebugExit(wiring.onEnd));
  // The host sets the port up before the VM starts, for its own boot lines.
  for (const [offset, value] of uartSetUp) uart.write(offset, value);
  return { ports, uart, sender };
}
