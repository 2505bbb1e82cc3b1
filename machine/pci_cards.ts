/**
 * Cards that a run plugs into the PC's PCI bus, on the bus itself or behind a root port each, and
 * what firmware gives them: bus numbers, places for their registers. A card can be pulled out, and
 * plugged in again, at some virtual time.
 */
import { edu } from '../tables/edu.ts';
import { pciHeader, rootPort } from '../tables/pci.ts';
import { Edu, type EduWiring } from './edu.ts';
import { type PciBus, type PciFunction, RootPort } from './pci_bus.ts';

export interface PciCard {
  readonly model: 'edu';
  readonly messages: 'msi' | 'msix';
  /** Device number on bus 0, of the card or of its root port. */
  readonly slot: number;
  readonly behindPort?: boolean;
  readonly pulledAtNs?: number;
  readonly pluggedAtNs?: number;
}

interface Plugged {
  readonly card: PciCard;
  readonly device: Edu;
  readonly port: RootPort | null;
}

export class PciCards {
  private readonly pci: PciBus;
  private readonly plugged: readonly Plugged[];

  constructor(pci: PciBus, cards: readonly PciCard[], wiring: Omit<EduWiring, 'messages'>) {
    this.pci = pci;
    this.plugged = cards.map((card) => {
      const device = new Edu({ ...wiring, messages: card.messages });
      const port = card.behindPort ? new RootPort() : null;
      if (port !== null) {
        port.card = device;
        pci.addBelow(port);
      }
      pci.add(card.slot, 0, port ?? device);
      const { pulledAtNs, pluggedAtNs } = card;
      if (pluggedAtNs !== undefined) {
        device.plug(false);
        wiring.clock.schedule(pluggedAtNs, () => device.plug(true));
      }
      if (pulledAtNs !== undefined) wiring.clock.schedule(pulledAtNs, () => device.plug(false));
      return { card, device, port };
    });
    this.setUp();
  }

  /** As firmware does: a megabyte for each. What is not there yet gets nothing. */
  setUp(): void {
    for (const [index, { card, device, port }] of this.plugged.entries()) {
      const base = rootPort.windowBase + index * rootPort.windowBytes;
      configure(device, pciHeader.bar0, base);
      if (port === null) continue;
      this.pci.configure(card.slot, 0, pciHeader.secondaryBus.offset, 1, index + 1);
      this.pci.configure(card.slot, 0, pciHeader.subordinateBus.offset, 1, index + 1);
      for (const { offset } of [pciHeader.memoryBase, pciHeader.memoryLimit]) {
        this.pci.configure(card.slot, 0, offset, 2, base >>> 16);
      }
    }
  }
}

function configure(
  space: PciFunction,
  field: { readonly offset: number; readonly bytes: number },
  value: number,
): void {
  for (let i = 0; i < field.bytes; i++) space.write(field.offset + i, (value >>> (8 * i)) & 0xff);
}

/** Each has a window of its own. */
if (edu.bytes > rootPort.windowBytes) throw new Error('a card does not fit into its window');
