import { createHash } from 'node:crypto';
import { hmac, sameHex, scopeText, sha256Hex } from './canonical.ts';
import type { Verified } from './verify.ts';

/** The body is not well-formed aws-chunked, or a chunk's signature is wrong. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
  readonly code: 'IncompleteBody' | 'InvalidChunk' | 'SignatureDoesNotMatch';

  constructor(code: 'IncompleteBody' | 'InvalidChunk' | 'SignatureDoesNotMatch', message: string) {
    super(message);
    this.code = code;
  }
}

const emptyHash = sha256Hex('');
const longestLine = 8_192;

export interface ChunkedOptions {
  /** Undefined: the chunks are not signed (STREAMING-UNSIGNED-PAYLOAD-TRAILER). */
  readonly chain: Verified['chain'] | undefined;
  readonly signedTrailer: boolean;
  /** Called with the trailing headers, names in lower case, once all is read and verified. */
  readonly onTrailers: (trailers: ReadonlyMap<string, string>) => void;
}

/**
 * Decodes an `aws-chunked` body: `<hex size>[;chunk-signature=<sig>]\r\n<bytes>\r\n ... 0[;...]\r\n[trailers]\r\n`.
 * Bytes are passed on before their chunk's signature is known: use them only once the whole was read without an error.
 */
export async function* decodeChunked(source: AsyncIterable<Buffer>, options: ChunkedOptions): AsyncGenerator<Buffer> {
  const reader = new LineReader(source);
  let previous = options.chain?.signature ?? '';
  for (;;) {
    const { size, signature } = readChunkHead(await reader.line(), options.chain !== undefined);
    const hash = options.chain ? createHash('sha256') : undefined;
    for (let left = size; left > 0; ) {
      const bytes = await reader.bytes(left);
      left -= bytes.length;
      hash?.update(bytes);
      yield bytes;
    }
    if (options.chain && hash) {
      const kind = `${emptyHash}\n${hash.digest('hex')}`;
      previous = expect('AWS4-HMAC-SHA256-PAYLOAD', options.chain, previous, kind, signature);
    }
    if (size === 0) break;
    if ((await reader.line()) !== '') throw new ChunkError('InvalidChunk', 'A chunk must end with CRLF.');
  }
  options.onTrailers(await readTrailers(reader, options, previous));
}

async function readTrailers(
  reader: LineReader,
  options: ChunkedOptions,
  previous: string,
): Promise<Map<string, string>> {
  const trailers = new Map<string, string>();
  let canonical = '';
  let signature: string | undefined;
  for (;;) {
    const line = await reader.line({ endIsEmpty: true });
    if (line === '') break;
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    if (at < 1 || trailers.size >= 16) throw new ChunkError('InvalidChunk', 'The trailing headers are malformed.');
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      trailers.set(name, value);
      canonical += `${name}:${value}\n`;
    }
  }
  if (options.chain && options.signedTrailer) {
    expect('AWS4-HMAC-SHA256-TRAILER', options.chain, previous, sha256Hex(canonical), signature);
  }
  return trailers;
}

function expect(
  kind: string,
  chain: Verified['chain'],
  previous: string,
  what: string,
  given: string | undefined,
): string {
  const text = [kind, chain.timestamp, scopeText(chain.scope), previous, what].join('\n');
  const expected = hmac(chain.key, text).toString('hex');
  if (!sameHex(given ?? '', expected))
    throw new ChunkError('SignatureDoesNotMatch', 'The signature of a chunk is wrong.');
  return expected;
}

function readChunkHead(line: string, signed: boolean): { size: number; signature: string | undefined } {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (!match?.[1] || (signed && !match[2])) {
    throw new ChunkError('InvalidChunk', 'The body is not aws-chunked as its headers say.');
  }
  return { size: Number.parseInt(match[1], 16), signature: match[2] };
}

/** Reads lines and counted bytes from a stream of buffers, holding no more than one buffer and one line. */
class LineReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line({ endIsEmpty = false } = {}): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end >= 0) {
        const line = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + 1);
        return line.endsWith('\r') ? line.slice(0, -1) : line;
      }
      if (this.#rest.length > longestLine) throw new ChunkError('InvalidChunk', 'A line of the body is too long.');
      const next = await this.#source.next();
      if (next.done) {
        if (endIsEmpty && this.#rest.length === 0) return '';
        throw new ChunkError('IncompleteBody', 'The body ended early.');
      }
      this.#rest = Buffer.concat([this.#rest, next.value]);
    }
  }

  async bytes(atMost: number): Promise<Buffer> {
    if (this.#rest.length === 0) {
      const next = await this.#source.next();
      if (next.done) throw new ChunkError('IncompleteBody', 'The body ended early.');
      this.#rest = next.value;
    }
    const bytes = this.#rest.subarray(0, atMost);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }
}
