/**
 * The ways out: a clean power-off, a reset (nucleus/reset.ts), an exit status for QEMU, and the
 * stop after a failure.
 */
import { PM1_CNT } from '../tables/acpi.ts';
import { powerReset } from '../tables/host.ts';
import { debugExitPort } from '../tables/memory_map.ts';
import { dword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { eax, al, ax, rbx, ebx, ecx, edx, dx, edi } = registers;

/** What QEMU's exit device is told after a failure: the exit status of QEMU is 255. */
export const failureStatus = 0x7f;

export function emitPower(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // host_power(edi: status) does not return.
  nucleus.procedure('host_power', { saves: [rbx] }, () => {
    code.mov(ebx, edi);
    code.call('serial_drain');
    code.cli();
    code.cmp(ebx, powerReset);
    code.je('.reset');
    code.test(ebx, ebx);
    code.jne('.status');
    code.call('power_off');
    nucleus.line('power-off did not work; the machine is halted');
    code.call('serial_drain');
    code.jmp('.halt');
    code.label('.reset');
    code.call('machine_reset');
    code.label('.status');
    code.mov(eax, ebx);
    code.mov(edx, debugExitPort);
    code.out(dx, al);
    code.label('.halt');
    code.cli();
    code.hlt();
    code.jmp('.halt');
  });
  // power_off() enters S5; returns when that does not work.
  nucleus.procedure('power_off', {}, () => {
    for (const [port, shift] of [
      ['pm1a_control_port', 0],
      ['pm1b_control_port', 8],
    ] as const) {
      code.mov(edx, dword(port));
      code.test(edx, edx);
      code.je(`.no_${port}`);
      code.mov(ecx, dword('s5_type'));
      code.bt(ecx, 31);
      code.jae(`.no_${port}`);
      code.shr(ecx, shift);
      code.and(ecx, 7);
      code.shl(ecx, PM1_CNT.SLP_TYP);
      // The other bits of the register stay as they are.
      code.in(ax, dx);
      code.and(eax, ~((7 << PM1_CNT.SLP_TYP) | (1 << PM1_CNT.SLP_EN)));
      code.or(eax, ecx);
      code.or(eax, 1 << PM1_CNT.SLP_EN);
      code.out(dx, ax);
      code.label(`.no_${port}`);
    }
    // The chipset may take a moment.
    code.mov(ecx, 100_000_000);
    code.label('.wait');
    code.pause();
    code.dec(ecx);
    code.jne('.wait');
  });
  nucleus.procedure('stop_failed', {}, () => {
    code.mov(edi, failureStatus);
    code.call('host_power');
  });
}
