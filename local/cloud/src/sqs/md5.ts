import { createHash } from 'node:crypto';

export function md5Hex(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
