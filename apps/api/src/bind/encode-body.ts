import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import negotiator from '@fastify/accept-negotiator';

/** Compressed, a smaller one would hardly save a packet. */
const minBytes = 1_024;

/** In the order of preference where a client takes both alike. */
const encodings = ['br', 'gzip'] as const;
export type Encoding = (typeof encodings)[number];

const compress: Record<Encoding, (body: Buffer) => Promise<Buffer>> = {
  // Quality 4: on a gallery a quarter of the time of 6 for 4 % more bytes.
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: (body) => promisify(gzip)(body),
};

/** The encoding that a client accepts and a body is worth; null for none. */
export function chooseEncoding(acceptEncoding: string | undefined, bytes: number): Encoding | null {
  if (acceptEncoding === undefined || bytes < minBytes) return null;
  return negotiator.negotiate(acceptEncoding, [...encodings]) as Encoding | null;
}

export function encodeBody(body: Buffer, encoding: Encoding): Promise<Buffer> {
  return compress[encoding](body);
}
