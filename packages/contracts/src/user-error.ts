/**
 * An error whose message tells a person what is wrong and what to do. Programs show only its message. For any
 * other error they also show the stack, which helps in a bug report.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}
