/**
 * Rewrites of generic instructions to internal ones, chosen by the loader from the operands it has decoded; the first row of an
 * instruction whose conditions hold wins. The internal instruction has the same operand words. Rows whose internal instruction or
 * BIF does not exist in the VM are left out by the generator.
 *
 * `when` has one letter an operand; fewer letters than operands leave the rest open:
 *   m  X register or constant (even word)   y  Y register   x  X register   c  constant   .  anything
 */
export interface Specialisation {
  readonly from: string;
  readonly when: string;
  readonly to: string;
  /** The BIF that the import operand must name. */
  readonly bif?: string;
}

export const specialisations: readonly Specialisation[] = [];
