/**
 * An error whose text is all that the user needs: the command line prints it without a stack trace
 * and exits with `status`.
 */
export class UserError extends Error {
  readonly status: number;
  constructor(text: string, status = 1) {
    super(text);
    this.status = status;
  }
}
