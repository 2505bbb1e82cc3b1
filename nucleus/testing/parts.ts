/** Parts of the nucleus as a Linux program (nucleus/testing/parts.c), for tests and benchmarks. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { link, readElfObject, writeElf } from '../../link/link.ts';
import { emitAcpi } from '../acpi.ts';
import { emitApic } from '../apic.ts';
import { emitConsole } from '../console.ts';
import { emitFrameAllocation } from '../frame_allocation.ts';
import { emitFrames } from '../frames.ts';
import { emitInterrupts } from '../interrupts.ts';
import { emitLocalApic } from '../local_apic.ts';
import { NucleusCode } from '../nucleus_code.ts';
import { emitObjects } from '../objects.ts';
import { emitUefi } from '../uefi.ts';

/** Writes the program. */
export function buildParts(program: string): void {
  const source = fileURLToPath(new URL('parts.c', import.meta.url));
  const object = `${program}.o`;
  const flags = ['-O1', '-ffreestanding', '-fno-pic', '-mno-red-zone', '-fno-stack-protector'];
  execFileSync('clang', [...flags, '-fno-builtin', '-c', source, '-o', object]);
  const nucleus = new NucleusCode('parts');
  nucleus.variable('direct_base', 8);
  const memory = [emitFrames, emitFrameAllocation, emitObjects];
  for (const emit of [
    emitConsole,
    emitUefi,
    ...memory,
    emitInterrupts,
    emitAcpi,
    emitApic,
    emitLocalApic,
  ])
    emit(nucleus);
  const objects = [nucleus.finish(), readElfObject('parts.o', readFileSync(object))];
  const image = link({ objects, base: 0x40_0000n, entry: '_start' });
  writeFileSync(program, writeElf(image), { mode: 0o755 });
}
