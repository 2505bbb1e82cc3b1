/**
 * The ways to reset the machine, one after the other until one works: the reset register of the
 * FADT (ACPI 6.5, section 4.8.3.6), the chipset's reset control register, the keyboard controller's
 * reset line, and a triple fault.
 *
 *     reset_space     u32, address space of the FADT's register
 *     reset_address   u64, 0 where there is none
 *     reset_value     u32
 */
import { addressSpace, tableBytesMax } from '../tables/acpi.ts';
import { keyboardController, resetControl } from '../tables/ich9.ts';
import { pciConfig } from '../tables/pci.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, al, rcx, ecx, edx, dx } = registers;

/** The register's functions are on bus 0: device, function and offset stand in 16 bits each. */
const pciAddress = { deviceShift: 32, functionShift: 16 } as const;
const pauses = 1_000_000;
const controllerReads = 65_536;

/** Time for what was written to work. */
function pause({ code }: NucleusCode, label: string): void {
  code.mov(ecx, pauses);
  code.label(label);
  code.pause();
  code.dec(ecx);
  code.jne(label);
}

function byRegister(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.mov(rax, qword('reset_address'));
  code.test(rax, rax);
  code.je('.no_register');
  for (const [name, space] of Object.entries(addressSpace)) {
    code.cmp(dword('reset_space'), space);
    code.je(`.${name}`);
  }
  code.jmp('.no_register');
  code.label('.io');
  code.mov(edx, eax);
  code.mov(eax, dword('reset_value'));
  code.out(dx, al);
  code.jmp('.written');
  code.label('.memory');
  code.mov(ecx, -tableBytesMax);
  code.cmp(rax, rcx);
  code.jae('.no_register');
  code.add(rax, qword('direct_base'));
  code.mov(ecx, dword('reset_value'));
  code.mov(byte(rax), registers.cl);
  code.jmp('.written');
  code.label('.pciConfiguration');
  pciRegister(nucleus);
  code.label('.written');
  pause(nucleus, '.register_works');
  code.label('.no_register');
}

/** Writes to the configuration register that the address in rax names. */
function pciRegister({ code }: NucleusCode): void {
  code.mov(rcx, rax);
  code.shr(rcx, pciAddress.deviceShift);
  code.and(ecx, 31);
  code.shl(ecx, 11);
  code.mov(edx, eax);
  code.shr(edx, pciAddress.functionShift);
  code.and(edx, 7);
  code.shl(edx, 8);
  code.or(ecx, edx);
  code.mov(edx, eax);
  code.and(edx, 0xfc);
  code.or(ecx, edx);
  code.bts(ecx, 31);
  code.and(eax, 3);
  code.xchg(eax, ecx);
  code.mov(edx, pciConfig.address);
  code.out(dx, eax);
  code.lea(edx, memory(rcx, pciConfig.data));
  code.mov(eax, dword('reset_value'));
  code.out(dx, al);
}

export function emitReset(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('reset_space', 4, 4);
  nucleus.variable('reset_value', 4, 4);
  nucleus.variable('reset_address', 8);
  nucleus.variable('no_interrupts', 16);
  // machine_reset() does not return.
  nucleus.procedure('machine_reset', {}, () => {
    code.cli();
    byRegister(nucleus);
    const { RST_CPU, SYS_RST, FULL_RST } = resetControl;
    code.mov(edx, resetControl.port);
    code.in(al, dx);
    code.and(al, ~(RST_CPU | SYS_RST | FULL_RST) & 0xff);
    // The kind of reset first; the reset is the edge of the other bit.
    for (const bits of [SYS_RST, SYS_RST | RST_CPU]) {
      code.or(al, bits);
      code.out(dx, al);
      pause(nucleus, `.control_${bits}`);
    }
    code.mov(ecx, controllerReads);
    code.label('.busy');
    code.in(al, keyboardController.port);
    code.test(al, keyboardController.inputFull);
    code.je('.ready');
    code.dec(ecx);
    code.jne('.busy');
    code.label('.ready');
    code.mov(al, keyboardController.reset);
    code.out(keyboardController.port, al);
    pause(nucleus, '.controller_works');
    // No gate for the exception, none for the double fault.
    code.lidt(memory('no_interrupts'));
    code.int3();
    code.ud2();
  });
}
