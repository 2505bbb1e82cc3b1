/** What a Debian machine needs for building, booting and testing: program (or file), package, reason. `make setup` installs these. */
export interface Requirement {
  /**
   * Executable on PATH, OVMF for the firmware image, or a file of Erlang's applications
   * (`NAME-*` stands for the folder with the version).
   */
  readonly program: string;
  readonly package: string;
  readonly why: string;
}

export const debianRequirements: readonly Requirement[] = [
  {
    program: 'erl',
    package: 'erlang-base',
    why: 'OTP: libraries for the image, oracle of the tests',
  },
  {
    program: 'erlc',
    package: 'erlang-base',
    why: "compiles Erlang and the V compiler's Core Erlang",
  },
  { program: 'clang', package: 'clang', why: 'compiles the VM to machine code' },
  { program: 'as', package: 'binutils', why: 'oracle of the x86-64 encoder' },
  { program: 'objdump', package: 'binutils', why: 'oracle of the linker' },
  { program: 'qemu-system-x86_64', package: 'qemu-system-x86', why: 'boots images' },
  { program: 'elixir', package: 'elixir', why: 'tests run Elixir programs, unmodified' },
  {
    program: 'stdlib-*/src/lists.erl',
    package: 'erlang-src',
    why: "tests compile OTP's own sources",
  },
  { program: 'eunit-*/ebin/eunit.beam', package: 'erlang-eunit', why: 'tests run EUnit' },
  {
    program: 'eunit-*/include/eunit.hrl',
    package: 'erlang-dev',
    why: "EUnit's header file, for the module that it tests",
  },
  { program: 'sbsign', package: 'sbsigntool', why: 'tests sign the kernel for Secure Boot' },
  { program: 'e2fsck', package: 'e2fsprogs', why: 'oracle of the file system ext2' },
  {
    program: 'dpkg-source',
    package: 'dpkg-dev',
    why: "unpacks the sources of tests that are Debian's",
  },
  {
    program: 'gcc',
    package: 'gcc',
    why: 'tests compile C programs for Linux, which stand where the system has native tasks',
  },
  // Of libc-dev-bin, which comes with libc6-dev only.
  { program: 'gencat', package: 'libc6-dev', why: 'the C library of those programs, to link' },
  { program: 'xz', package: 'xz-utils', why: "unpacks Linux's kernel, whose types modules need" },
  { program: 'OVMF', package: 'ovmf', why: 'UEFI firmware for QEMU' },
];

/** Where distributions put the UEFI firmware, best first. */
export const ovmfPaths: readonly string[] = [
  '/usr/share/OVMF/OVMF_CODE.fd',
  '/usr/share/OVMF/OVMF_CODE_4M.fd',
  '/usr/share/ovmf/OVMF.fd',
  '/usr/share/edk2/x64/OVMF_CODE.4m.fd',
];
