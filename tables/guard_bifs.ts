/**
 * The BIFs that a `bif` or `gc_bif` instruction may name: guard BIFs and operators, and the others that compilers call this way. They
 * end within the instruction: none yields, waits or continues in another function.
 */
export const guardBifs: readonly string[] = [
  // Arithmetic.
  ...['+/1', '+/2', '-/1', '-/2', '*/2', '//2', 'div/2', 'rem/2', 'abs/1', 'ceil/1', 'float/1'],
  ...['floor/1', 'round/1', 'trunc/1', 'max/2', 'min/2'],
  ...['band/2', 'bnot/1', 'bor/2', 'bsl/2', 'bsr/2', 'bxor/2', 'and/2', 'not/1', 'or/2', 'xor/2'],
  // Comparison.
  ...['/=/2', '</2', '=/=/2', '=:=/2', '=</2', '==/2', '>/2', '>=/2'],
  // Types.
  ...['is_atom/1', 'is_binary/1', 'is_bitstring/1', 'is_boolean/1', 'is_float/1', 'is_function/1'],
  ...['is_function/2', 'is_integer/1', 'is_list/1', 'is_map/1', 'is_map_key/2', 'is_number/1'],
  ...['is_pid/1', 'is_port/1', 'is_record/2', 'is_record/3', 'is_reference/1', 'is_tuple/1'],
  // Parts and sizes.
  ...[
    'binary_part/2',
    'binary_part/3',
    'bit_size/1',
    'byte_size/1',
    'element/2',
    'hd/1',
    'length/1',
  ],
  ...['map_get/2', 'map_size/1', 'size/1', 'tl/1', 'tuple_size/1'],
  // The running process.
  ...['get/1', 'node/0', 'node/1', 'self/0'],
  // OTP 28 emits these as instructions where they cannot fail or their failure is tested.
  ...['binary_to_atom/1', 'binary_to_atom/2', 'binary_to_existing_atom/1'],
  ...['binary_to_existing_atom/2', 'list_to_atom/1', 'list_to_existing_atom/1'],
].map((name) => `erlang:${name}`);
