/**
 * The ACPI tables: power-off, reset, the power-management timer, and where PCI configuration space
 * is. ACPI 6.5, chapter 5; offsets in tables/acpi. How interrupts are wired is in
 * nucleus/acpi_interrupts.ts.
 *
 * Tables are read through the direct map, below 4 GiB only. A table with a wrong length or checksum
 * is named on the console and treated as missing, and the machine boots with what is left.
 */
import {
  aml,
  DESCRIPTION_HEADER,
  FADT,
  GAS,
  MCFG,
  PM1_CNT,
  RSDP,
  rsdpBytes,
  tableBytesMax,
} from '../tables/acpi.ts';
import { cmosBytes } from '../tables/rtc.ts';
import { byte, dword, memory, qword, type Register, registers, word } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, al, rbx, rcx, ecx, edx, rsi, esi, rdi, edi, r8d, r12, r13 } = registers;

/** A table's name as the number that its bytes are. */
export const signatureNumber = (text: string): number =>
  [...text].reduce((sum, character, at) => sum + character.charCodeAt(0) * 2 ** (8 * at), 0);

/** acpi_sum(rdi: bytes, rsi: count) -> al: their sum, 0 for an intact table. */
function emitSum(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('acpi_sum', {}, () => {
    code.xor(eax, eax);
    code.label('.byte');
    code.sub(rsi, 1);
    code.jb('.return');
    code.add(al, byte(rdi));
    code.inc(rdi);
    code.jmp('.byte');
  });
}

/** acpi_table(rdi: physical address) -> virtual address of an intact table, or 0. */
function emitTable(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('acpi_table', { saves: [rbx] }, () => {
    code.mov(rbx, rdi);
    code.test(rbx, rbx);
    code.je('.missing');
    // Header and table must lie below 4 GiB.
    code.mov(ecx, -tableBytesMax);
    code.cmp(rbx, rcx);
    code.jae('.missing');
    code.add(rbx, qword('direct_base'));
    code.mov(esi, dword(rbx, DESCRIPTION_HEADER.Length));
    code.cmp(esi, DESCRIPTION_HEADER.size);
    code.jb('.corrupt');
    code.cmp(esi, tableBytesMax);
    code.ja('.corrupt');
    code.mov(rdi, rbx);
    code.call('acpi_sum');
    code.test(al, al);
    code.jne('.corrupt');
    code.mov(rax, rbx);
    code.jmp('.return');
    code.label('.corrupt');
    code.sub(rbx, qword('direct_base'));
    nucleus.line(
      'ACPI: the table at ',
      { hex: rbx },
      ' has a wrong length or checksum and is ignored',
    );
    code.label('.missing');
    code.xor(eax, eax);
  });
}

/** acpi_find(edi: signature) -> virtual address of the first intact table of that name, or 0. */
function emitFind(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // The root table, and whether its entries are 8 bytes wide (XSDT) or 4 (RSDT).
  nucleus.variable('acpi_root', 8);
  nucleus.variable('acpi_entry_bytes', 8);
  nucleus.procedure('acpi_find', { saves: [rbx, r12, r13] }, () => {
    code.mov(r13, rdi);
    code.mov(rbx, qword('acpi_root'));
    code.test(rbx, rbx);
    code.je('.none');
    code.mov(registers.r12d, dword(rbx, DESCRIPTION_HEADER.Length));
    code.add(r12, rbx);
    code.add(rbx, DESCRIPTION_HEADER.size);
    code.label('.entry');
    code.lea(rax, memory(rbx, 4));
    code.cmp(qword('acpi_entry_bytes'), 4);
    code.je('.bounded');
    code.add(rax, 4);
    code.label('.bounded');
    code.cmp(rax, r12);
    code.ja('.none');
    code.mov(edi, dword(rbx));
    code.cmp(qword('acpi_entry_bytes'), 4);
    code.je('.narrow');
    code.mov(rdi, qword(rbx));
    code.label('.narrow');
    code.mov(rbx, rax);
    code.call('acpi_peek');
    code.cmp(eax, registers.r13d);
    code.jne('.entry');
    code.call('acpi_table');
    code.test(rax, rax);
    code.je('.entry');
    code.jmp('.return');
    code.label('.none');
    code.xor(eax, eax);
  });
  // acpi_peek(rdi: physical address) -> eax: its signature, 0 out of range; rdi is kept.
  nucleus.procedure('acpi_peek', {}, () => {
    code.xor(eax, eax);
    code.mov(ecx, -tableBytesMax);
    code.cmp(rdi, rcx);
    code.jae('.return');
    code.test(rdi, rdi);
    code.je('.return');
    code.mov(rcx, qword('direct_base'));
    code.mov(eax, dword(rcx, { index: rdi }));
  });
}

/** acpi_start(): root table from the RSDP that the firmware named. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('acpi_start', { saves: [rbx] }, () => {
    code.mov(rbx, qword('acpi_rsdp'));
    code.test(rbx, rbx);
    code.je('.none');
    code.mov(ecx, -tableBytesMax);
    code.cmp(rbx, rcx);
    code.jae('.none');
    code.add(rbx, qword('direct_base'));
    code.movabs(rax, BigInt(`0x${Buffer.from(RSDP.signature).reverse().toString('hex')}`));
    code.cmp(rax, qword(rbx));
    code.jne('.none');
    code.mov(rdi, rbx);
    code.mov(esi, rsdpBytes.version1);
    code.call('acpi_sum');
    code.test(al, al);
    code.jne('.none');
    code.cmp(byte(rbx, RSDP.Revision), 2);
    code.jb('.version1');
    code.mov(rdi, rbx);
    code.mov(esi, rsdpBytes.version2);
    code.call('acpi_sum');
    code.test(al, al);
    code.jne('.version1');
    code.mov(qword('acpi_entry_bytes'), 8);
    code.mov(rdi, qword(rbx, RSDP.XsdtAddress));
    code.call('acpi_table');
    code.test(rax, rax);
    code.jne('.root');
    code.label('.version1');
    code.mov(qword('acpi_entry_bytes'), 4);
    code.mov(edi, dword(rbx, RSDP.RsdtAddress));
    code.call('acpi_table');
    code.label('.root');
    code.mov(qword('acpi_root'), rax);
    code.test(rax, rax);
    code.jne('.return');
    code.label('.none');
    nucleus.line('ACPI: no intact root table; power-off and interrupt overrides are unknown');
  });
}

/** acpi_power(): ports of the PM timer and PM1 control, and the sleep type of S5. */
function emitPower(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['pm_timer_port', 'pm1a_control_port', 'pm1b_control_port', 's5_type']) {
    nucleus.variable(name, 4, 4);
  }
  // acpi_enable() leaves legacy mode, in which the chipset may ignore the sleep register.
  nucleus.variable('acpi_smi_port', 4, 4);
  nucleus.variable('acpi_enable_value', 4, 4);
  nucleus.procedure('acpi_enable', {}, () => enableAcpi(nucleus));
  nucleus.procedure('acpi_power', { saves: [rbx] }, () => {
    code.mov(edi, signatureNumber(FADT.signature));
    code.call('acpi_find');
    code.test(rax, rax);
    code.je('.return');
    code.mov(rbx, rax);
    code.cmp(dword(rbx, DESCRIPTION_HEADER.Length), FADT.Flags + 4);
    code.jb('.return');
    for (const [variable, offset] of [
      ['pm_timer_port', FADT.PM_TMR_BLK],
      ['pm1a_control_port', FADT.PM1a_CNT_BLK],
      ['pm1b_control_port', FADT.PM1b_CNT_BLK],
    ] as const) {
      code.mov(eax, dword(rbx, offset));
      code.cmp(eax, 0xffff);
      code.ja(`.no_${variable}`);
      code.mov(dword(variable), eax);
      code.label(`.no_${variable}`);
    }
    code.mov(eax, dword(rbx, FADT.SMI_CMD));
    code.mov(dword('acpi_smi_port'), eax);
    code.movzx(eax, byte(rbx, FADT.ACPI_ENABLE));
    code.mov(dword('acpi_enable_value'), eax);
    code.movzx(eax, byte(rbx, FADT.CENTURY));
    code.cmp(eax, cmosBytes);
    code.jae('.no_century');
    code.mov(dword('century_register'), eax);
    code.label('.no_century');
    readReset(nucleus);
    code.cmp(dword(rbx, DESCRIPTION_HEADER.Length), FADT.xDsdtEnd);
    code.jb('.old');
    code.mov(rdi, qword(rbx, FADT.X_DSDT));
    code.test(rdi, rdi);
    code.jne('.dsdt');
    code.label('.old');
    code.mov(edi, dword(rbx, FADT.DSDT));
    code.label('.dsdt');
    code.call('acpi_table');
    code.test(rax, rax);
    code.je('.return');
    code.mov(rdi, rax);
    code.call('acpi_find_s5');
    code.mov(dword('s5_type'), eax);
  });
}

/** The reset register of the FADT at rbx, where it has one. */
function readReset(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.cmp(dword(rbx, DESCRIPTION_HEADER.Length), FADT.resetEnd);
  code.jb('.no_reset');
  code.bt(dword(rbx, FADT.Flags), FADT.RESET_REG_SUP);
  code.jae('.no_reset');
  code.movzx(eax, byte(rbx, FADT.RESET_REG + GAS.AddressSpaceId));
  code.mov(dword('reset_space'), eax);
  code.mov(rax, qword(rbx, FADT.RESET_REG + GAS.Address));
  code.mov(qword('reset_address'), rax);
  code.movzx(eax, byte(rbx, FADT.RESET_VALUE));
  code.mov(dword('reset_value'), eax);
  code.label('.no_reset');
}

function enableAcpi({ code }: NucleusCode): void {
  code.mov(edx, dword('pm1a_control_port'));
  code.test(edx, edx);
  code.je('.return');
  code.in(registers.ax, registers.dx);
  code.bt(eax, PM1_CNT.SCI_EN);
  code.jb('.return');
  code.mov(edx, dword('acpi_smi_port'));
  code.mov(eax, dword('acpi_enable_value'));
  code.test(edx, edx);
  code.je('.return');
  code.test(eax, eax);
  code.je('.return');
  code.out(registers.dx, al);
}

/**
 * acpi_find_s5(rdi: DSDT) -> eax: SLP_TYPa | SLP_TYPb << 8 | 1 << 31, or 0. Looks for the bytes of
 * `Name (_S5, Package { a, b, ... })`: NameOp, `_S5_`, PackageOp, length of 1 to 4 bytes, count,
 * two integers.
 */
function emitFindS5(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('acpi_find_s5', {}, () => {
    code.mov(ecx, dword(rdi, DESCRIPTION_HEADER.Length));
    code.add(rcx, rdi);
    // The longest definition that we read has 20 bytes behind its name.
    code.sub(rcx, 24);
    code.add(rdi, DESCRIPTION_HEADER.size);
    code.label('.byte');
    code.inc(rdi);
    code.cmp(rdi, rcx);
    code.jae('.none');
    code.cmp(dword(rdi), signatureNumber('_S5_'));
    code.jne('.byte');
    code.cmp(byte(rdi, 4), aml.PackageOp);
    code.jne('.byte');
    // The two top bits of the first length byte say how many follow; then comes the count.
    code.movzx(eax, byte(rdi, 5));
    code.shr(eax, 6);
    code.lea(rsi, memory(rdi, { index: rax, disp: 7 }));
    amlInteger(nucleus, r8d, 'a');
    amlInteger(nucleus, eax, 'b');
    code.shl(eax, 8);
    code.or(eax, r8d);
    code.bts(eax, 31);
    code.jmp('.return');
    code.label('.none');
    code.xor(eax, eax);
  });
}

/**
 * target = the integer at rsi, a prefix with a number or ZeroOp or OneOp; rsi moves behind it.
 * Changes rdx.
 */
function amlInteger({ code }: NucleusCode, target: Register, label: string): void {
  code.movzx(edx, byte(rsi));
  code.mov(target, edx);
  code.inc(rsi);
  for (const [prefix, bytes] of [
    [aml.BytePrefix, 1],
    [aml.WordPrefix, 2],
    [aml.DWordPrefix, 4],
  ] as const) {
    code.cmp(edx, prefix);
    code.jne(`.not_${prefix}${label}`);
    code.movzx(target, byte(rsi));
    code.add(rsi, bytes);
    code.label(`.not_${prefix}${label}`);
  }
  code.and(target, 7);
}

/**
 * acpi_pci_express(): where PCI configuration space of segment 0 is in memory, from the MCFG. Bits
 * 20 to 27 of an address in it are the bus, so a base is a multiple of 1 MiB.
 */
function emitPciExpress(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const { base, segment, firstBus, lastBus, size } = MCFG.allocation;
  nucleus.variable('pci_express_base', 8);
  nucleus.variable('pci_express_buses', 8);
  nucleus.procedure('acpi_pci_express', {}, () => {
    code.mov(edi, signatureNumber(MCFG.signature));
    code.call('acpi_find');
    code.test(rax, rax);
    code.je('.return');
    code.mov(ecx, dword(rax, DESCRIPTION_HEADER.Length));
    code.add(rcx, rax);
    code.add(rax, MCFG.allocations);
    code.label('.allocation');
    code.lea(rdi, memory(rax, size));
    code.cmp(rdi, rcx);
    code.ja('.return');
    code.cmp(word(rax, segment), 0);
    code.jne('.next');
    code.mov(rsi, qword(rax, base));
    code.test(rsi, rsi);
    code.je('.next');
    code.test(rsi, 0xf_ffff);
    code.jne('.next');
    code.mov(edx, dword(rax, segment));
    code.mov(r8d, edx);
    code.shr(edx, 8 * (firstBus - segment));
    code.cmp(byte(rax, lastBus), registers.dl);
    code.jb('.next');
    code.mov(qword('pci_express_base'), rsi);
    code.mov(dword('pci_express_buses'), r8d);
    code.jmp('.return');
    code.label('.next');
    code.mov(rax, rdi);
    code.jmp('.allocation');
  });
}

export function emitAcpi(nucleus: NucleusCode): void {
  emitSum(nucleus);
  emitTable(nucleus);
  emitFind(nucleus);
  emitStart(nucleus);
  emitPower(nucleus);
  emitFindS5(nucleus);
  emitPciExpress(nucleus);
}
