/** A `.beam` file that cannot be read: the message is one line that says where and why. */
export class BeamError extends Error {
  override name = 'BeamError';
}
