import { createHash } from 'node:crypto';
import type { MessageAttribute } from '../store/queues.ts';

export function md5Hex(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * The digest that a client compares: over the attributes sorted by name, each as length + name, length + type, a byte for
 * the kind of value (1 text, 2 binary), length + value; lengths are 4 bytes, big-endian ("Calculating the MD5 message
 * digest for message attributes", Amazon SQS Developer Guide).
 */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  const hash = createHash('md5');
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, { DataType, StringValue, BinaryValue }] of entries) {
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([BinaryValue === undefined ? 1 : 2]));
    add(BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64'));
  }
  return hash.digest('hex');
}
