/** The rules of the host's grant table (architecture D7): what nobody may claim, in the nucleus and on the simulated PC. */
import { debugExitPort, ioApicPhysical, lapicPhysical } from './memory_map.ts';

/** Message-signalled interrupts are claimed by their vectors. */
export const grantKinds = { ports: 0, deviceMemory: 1, interruptLine: 2, messages: 3 } as const;
export const grantResults = { granted: 0, reserved: 1, full: 2, bad: 3 } as const;

/**
 * Ports that belong to the host: both PICs, PIT, QEMU's exit device; and PM1 control besides. Reset control at 0xcf9
 * lies inside the PCI configuration address register, which a driver has to own.
 */
export const reservedPorts: readonly (readonly [first: number, count: number])[] = [
  [0x20, 2],
  [0xa0, 2],
  [0x40, 4],
  [debugExitPort, 2],
];

/** Pages of device memory that belong to the host. */
export const reservedMemory: readonly bigint[] = [lapicPhysical, ioApicPhysical];
export const reservedMemoryBytes = 4096n;

export const portCount = 65536;
/** As much as the direct map holds, which ends where the reserve of linear memory begins. */
export const physicalLimit = 1n << 45n;
