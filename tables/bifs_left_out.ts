/**
 * Built-in functions of OTP that this VM does not have on purpose, with the reason; `functions` is
 * `module` for all functions of it, or `module:name/arity`. tools/bifs.ts counts them apart.
 */
export interface BifsLeftOut {
  readonly functions: string;
  readonly why: string;
}

export const bifsLeftOut: readonly BifsLeftOut[] = [
  { functions: 'crypto', why: 'the C code of this NIF library is a front of OpenSSL' },
  { functions: 'asn1rt_nif', why: 'a NIF library of application asn1, outside kernel and stdlib' },
  { functions: 'dyntrace', why: 'hooks for DTrace and SystemTap of the host system' },
  { functions: 'pubkey_os_cacerts', why: 'reads the certificate store of a host system' },
  { functions: 'prim_socket', why: 'there is no network' },
  { functions: 'prim_net', why: 'there is no network' },
  { functions: 'erl_tracer', why: 'stubs for the callbacks of tracers written in C' },
  {
    functions: 'erts_debug:breakpoint/2',
    why: 'stops for a debugger that OTP does not have any more',
  },
  {
    functions: 'erts_debug:dirty/3',
    why: 'a test of schedulers for blocking work: there are none',
  },
  { functions: 'erts_debug:dirty_cpu/2', why: 'as erts_debug:dirty/3' },
  { functions: 'erts_debug:dirty_io/2', why: 'as erts_debug:dirty/3' },
];
