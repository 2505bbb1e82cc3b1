/** The parts of the nucleus that touch ports and registers as a Linux program (registers.c). */
import { emitAcpi } from '../acpi.ts';
import { emitAcpiInterrupts } from '../acpi_interrupts.ts';
import { emitApic } from '../apic.ts';
import { emitClock } from '../clock.ts';
import { emitConsole } from '../console.ts';
import { emitInterrupts } from '../interrupts.ts';
import { emitLocalApic } from '../local_apic.ts';
import { NucleusCode } from '../nucleus_code.ts';
import { emitReferenceClocks } from '../reference_clocks.ts';
import { emitReset } from '../reset.ts';
import { emitWallClock } from '../wall_clock.ts';
import { writeProgram } from './parts.ts';

const parts = [
  ...[emitConsole, emitAcpi, emitAcpiInterrupts, emitInterrupts, emitApic, emitLocalApic],
  ...[emitReferenceClocks, emitClock, emitWallClock, emitReset],
];

/** Writes the program. */
export function buildRegisters(program: string): void {
  const nucleus = new NucleusCode('registers');
  nucleus.variable('direct_base', 8);
  nucleus.variable('acpi_rsdp', 8);
  nucleus.variable('cpu_features', 4, 4);
  for (const emit of parts) emit(nucleus);
  writeProgram(program, 'registers.c', nucleus);
}
