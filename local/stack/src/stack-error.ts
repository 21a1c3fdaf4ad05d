import { UserError } from '@spinbay/contracts/user-error';

/** An expected failure of a start, a backup or a restore. The message says what is wrong and what to do. */
export class StackError extends UserError {
  override readonly name = 'StackError';
}
