import { UserError } from '@spinbay/contracts/user-error';

/** The installation cannot start; the message says what is wrong and what to do. */
export class StackError extends UserError {
  override readonly name = 'StackError';
}
