/** Deterministic random numbers (mulberry32): the same seed gives the same schedule. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** An integer between both ends, inclusive. */
  between(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  /** A separate stream, so that the draws of one part do not affect the others. */
  fork(name: string): Random;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    pick: (from) => from[between(0, from.length - 1)] as (typeof from)[number],
    fork: (name) =>
      createRandom(Array.from(name).reduce((sum, c) => Math.imul(sum ^ c.charCodeAt(0), 16_777_619), seed)),
  };
}
