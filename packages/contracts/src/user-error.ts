/**
 * An error whose message tells a person what is wrong and what to do. Programs show only its message. Of any other error they
 * also show the stack, for a report.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}
