import type { ObjectFile } from '../x86_64/object.ts';
export const linuxEntry = '_start';
export function linuxHostObject(): ObjectFile {
  throw new Error('x');
}
