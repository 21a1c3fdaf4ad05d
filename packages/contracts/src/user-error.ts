/**
 * An error whose message tells a person what is wrong and what to do. Programs show them the message alone; any other
 * error keeps its stack, for a report.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}
