/**
 * What the PC's firmware has done before the VM starts, after power-on and after a reset: blocks
 * have their addresses, ACPI mode is on, and the host has set up the serial port for its own boot
 * lines.
 */
import { PM1_CNT } from '../tables/acpi.ts';
import { i6300esb } from '../tables/i6300esb.ts';
import { ACPI_CNTL, ich9Firmware, ich9Lpc, lpcConfig, pmOffset, RCBA } from '../tables/ich9.ts';
import { pciCommand, pciExpress, pciHeader } from '../tables/pci.ts';
import { uartSetUp } from '../tables/uart.ts';
import type { LpcBridge } from './lpc_bridge.ts';
import type { PciBus } from './pci_bus.ts';
import type { Uart16550 } from './uart_16550.ts';

interface ConfigWrite {
  readonly device: number;
  readonly function: number;
  readonly offset: number;
  readonly bytes: number;
  readonly value: number;
}

const lpc = { device: ich9Lpc.device, function: ich9Lpc.function };
const esb = { device: i6300esb.device, function: i6300esb.function };

const configWrites: readonly ConfigWrite[] = [
  {
    device: 0,
    function: 0,
    offset: pciExpress.PCIEXBAR,
    bytes: 4,
    value: pciExpress.base | pciExpress.enable,
  },
  { ...lpc, offset: lpcConfig.PMBASE, bytes: 4, value: ich9Firmware.pmBase },
  { ...lpc, offset: lpcConfig.ACPI_CNTL, bytes: 1, value: ACPI_CNTL.ACPI_EN },
  { ...lpc, offset: lpcConfig.RCBA, bytes: 4, value: ich9Firmware.rcba | RCBA.enable },
  { ...esb, offset: pciHeader.bar0.offset, bytes: 4, value: i6300esb.bar0 },
  { ...esb, offset: pciHeader.command.offset, bytes: 2, value: pciCommand.memory },
];

export function setUpDevices(pci: PciBus, bridge: LpcBridge, uart: Uart16550): void {
  for (const write of configWrites) {
    pci.configure(write.device, write.function, write.offset, write.bytes, write.value);
  }
  bridge.pm.write(pmOffset.PM1_CNT, 1 << PM1_CNT.SCI_EN, 0xffff);
  for (const [offset, value] of uartSetUp) uart.write(offset, value);
}
