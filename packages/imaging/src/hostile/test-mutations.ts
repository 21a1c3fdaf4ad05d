/** A seeded random number generator (mulberry32). The same seed gives the same mutations on every machine. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Values at which parsers of JPEG and HEIF behave differently: limits, signs and markers. */
const interestingBytes = [0, 1, 2, 3, 0x7f, 0x80, 0xd8, 0xd9, 0xda, 0xc0, 0xc4, 0xff];
const interestingWords = [0, 1, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 60_000, 65_500];

/** Makes one to eight changes: bits, bytes, numbers, cuts, repeats and ranges from another file. */
export function mutate(source: Buffer, other: Buffer, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(source);
  for (let left = 1 + random(8); left > 0 && bytes.length > 0; left--) {
    // Half of the changes go into the first 600 bytes, where the headers are.
    const at = random(random(2) === 0 ? Math.min(600, bytes.length) : bytes.length);
    const length = 1 + random(Math.min(200, bytes.length - at));
    const kind = random(16);
    if (kind < 5) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    else if (kind < 8) bytes[at] = interestingBytes[random(interestingBytes.length)] ?? 0;
    else if (kind < 9) bytes[at] = random(256);
    else if (kind < 11 && at + 4 <= bytes.length)
      bytes.writeUInt32BE(interestingWords[random(interestingWords.length)] ?? 0, at);
    else if (kind < 12 && at + 2 <= bytes.length) bytes.writeUInt16BE((interestingWords[random(5)] ?? 0) & 0xffff, at);
    else if (kind === 12) bytes = bytes.subarray(0, at);
    else if (kind === 13) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else if (kind === 14) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    else if (kind === 15)
      bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(random(other.length)), bytes.subarray(at)]);
  }
  return bytes;
}
