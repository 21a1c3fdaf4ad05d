import { describe, expect, test } from 'vitest';
import { signingKey } from './canonical.ts';
import { type ChunkedOptions, decodeChunked } from './chunked.ts';

/* The examples of "Signature calculations for the authorization header: transferring payload in multiple chunks" and
 * "... including trailing headers" of the Amazon S3 API Reference: 65 kB of the letter a. */

const scope = { date: '20130524', region: 'us-east-1', service: 's3' };
const key = signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope);
const chain = (signature: string) => ({ key, scope, timestamp: '20130524T000000Z', signature });

const signed = [
  `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${'a'.repeat(65_536)}\r\n`,
  `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1024)}\r\n`,
  '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
].join('');
const signedSeed = chain('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9');

const withTrailer = [
  `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${'a'.repeat(65_536)}\r\n`,
  `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${'a'.repeat(1024)}\r\n`,
  '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n',
  'x-amz-checksum-crc32c:sOO8/Q==\r\n',
  'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
].join('');
const trailerSeed = chain('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e');

async function decode(text: string, step: number, options: Partial<ChunkedOptions>) {
  async function* pieces() {
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  const out: Buffer[] = [];
  let trailers: ReadonlyMap<string, string> = new Map();
  const onTrailers = (found: ReadonlyMap<string, string>) => {
    trailers = found;
  };
  const decoded = decodeChunked(pieces(), { chain: undefined, signedTrailer: false, onTrailers, ...options });
  for await (const bytes of decoded) out.push(bytes);
  return { text: Buffer.concat(out).toString(), trailers: Object.fromEntries(trailers) };
}

const whole = 'a'.repeat(66_560);

describe('decodeChunked', () => {
  test('verifies the signatures of the published example, however the bytes arrive', async () => {
    for (const step of [7, 1000, 65_536, 1_000_000]) {
      expect((await decode(signed, step, { chain: signedSeed })).text).toBe(whole);
    }
  });

  test('verifies the signed trailer of the published example', async () => {
    const decoded = await decode(withTrailer, 1000, { chain: trailerSeed, signedTrailer: true });
    expect(decoded).toEqual({ text: whole, trailers: { 'x-amz-checksum-crc32c': 'sOO8/Q==' } });
    const changed = withTrailer.replace('sOO8/Q==', 'AAAA/Q==');
    const refused = decode(changed, 1000, { chain: trailerSeed, signedTrailer: true });
    await expect(refused).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });

  test('refuses a changed byte, chunks in another order, and a missing signature', async () => {
    const changes = [
      signed.replace('aaa', 'aab'),
      signed.slice(signed.indexOf('400;')),
      signed.replace(/;chunk-signature=\w+/, ''),
    ];
    for (const changed of changes) {
      await expect(decode(changed, 1000, { chain: signedSeed })).rejects.toMatchObject({ name: 'ChunkError' });
    }
  });

  test('takes unsigned chunks with a trailer, split at every place', async () => {
    const text = '5\r\nhello\r\n1\r\n!\r\n0\r\nX-Amz-Checksum-Crc32: abc=\r\n\r\n';
    for (let step = 1; step <= text.length; step += 1) {
      expect(await decode(text, step, {})).toEqual({ text: 'hello!', trailers: { 'x-amz-checksum-crc32': 'abc=' } });
    }
  });

  test('refuses what ends early or is not chunked', async () => {
    for (const cut of ['', '5\r\nhel', '5\r\nhello', '5\r\nhello\r\n', '0\r\nx-amz']) {
      await expect(decode(cut, 3, {})).rejects.toMatchObject({ code: 'IncompleteBody' });
    }
    for (const bad of ['zz\r\n', '5\r\nhelloXX\r\n', `${'1'.repeat(20_000)}`, '0\r\nnocolon\r\n\r\n']) {
      await expect(decode(bad, 3000, {})).rejects.toMatchObject({ code: 'InvalidChunk' });
    }
  });
});
