import { UserError } from '@spinbay/contracts/user-error';

/** The command cannot do what was asked. The message says why, and what to do. */
export class CommandError extends UserError {
  override readonly name = 'CommandError';
}
