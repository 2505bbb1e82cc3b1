/** Parts of the nucleus as a Linux program (nucleus/testing/parts.c), for tests and benchmarks. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { link, readElfObject, writeElf } from '../../link/link.ts';
import { emitAcpi } from '../acpi.ts';
import { emitAcpiInterrupts } from '../acpi_interrupts.ts';
import { emitApic } from '../apic.ts';
import { emitConsole } from '../console.ts';
import { emitFrameAllocation } from '../frame_allocation.ts';
import { emitFrames } from '../frames.ts';
import { emitInterrupts } from '../interrupts.ts';
import { emitLocalApic } from '../local_apic.ts';
import { emitMemoryMap } from '../memory_map.ts';
import { NucleusCode } from '../nucleus_code.ts';
import { emitObjects } from '../objects.ts';
import { emitReferenceClocks } from '../reference_clocks.ts';
import { emitReset } from '../reset.ts';
import { emitUefi } from '../uefi.ts';
import { emitWallClock } from '../wall_clock.ts';

const parts = [
  ...[emitConsole, emitUefi, emitMemoryMap, emitFrames, emitFrameAllocation, emitObjects],
  ...[emitInterrupts, emitAcpi, emitAcpiInterrupts, emitApic, emitLocalApic],
  ...[emitReferenceClocks, emitWallClock, emitReset],
];

/** Compiles the C source beside this file and links it with the nucleus's code. */
export function writeProgram(program: string, source: string, nucleus: NucleusCode): void {
  const object = `${program}.o`;
  const flags = ['-O1', '-ffreestanding', '-fno-pic', '-mno-red-zone', '-fno-stack-protector'];
  const path = fileURLToPath(new URL(source, import.meta.url));
  execFileSync('clang', [...flags, '-fno-builtin', '-c', path, '-o', object]);
  const objects = [nucleus.finish(), readElfObject(source, readFileSync(object))];
  const image = link({ objects, base: 0x40_0000n, entry: '_start' });
  writeFileSync(program, writeElf(image), { mode: 0o755 });
}

/** Writes the program. */
export function buildParts(program: string): void {
  const nucleus = new NucleusCode('parts');
  nucleus.variable('direct_base', 8);
  nucleus.variable('cpu_features', 4, 4);
  for (const emit of parts) emit(nucleus);
  writeProgram(program, 'parts.c', nucleus);
}
