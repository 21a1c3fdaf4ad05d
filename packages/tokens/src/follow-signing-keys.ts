import { stat } from 'node:fs/promises';
import type { SigningKeysError } from './key-file.ts';
import { loadSigningKeys, type SigningKeys } from './signing-keys.ts';

export interface FollowedSigningKeys extends SigningKeys {
  close(): void;
}

export interface FollowOptions {
  /** The file has changed and its keys are in use. */
  readonly onChange: () => void;
  /** The file has changed and cannot be used, told once: the keys from before go on. */
  readonly onFault: (error: SigningKeysError) => void;
  /** How often the file is looked at. */
  readonly everyMs?: number;
  /** At most so often it is looked at because of a token with an unknown kid. */
  readonly unknownKidEveryMs?: number;
}

/**
 * Loads the keys of a file and follows it through rotations.
 * @throws SigningKeysError where it cannot be used at the start
 */
export async function followSigningKeys(file: string, options: FollowOptions): Promise<FollowedSigningKeys> {
  let seen = await stampOf(file);
  let keys = await loadSigningKeys(file);
  const look = async () => {
    const stamp = await stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      keys = await loadSigningKeys(file);
      options.onChange();
    } catch (error) {
      options.onFault(error as SigningKeysError);
    }
  };
  let looking: Promise<void> | undefined;
  const lookOnce = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(() => void lookOnce(), options.everyMs ?? 30_000).unref();
  let lookedAt = Number.NEGATIVE_INFINITY;
  const lookForKid = async () => {
    const now = performance.now();
    if (now - lookedAt < (options.unknownKidEveryMs ?? 5_000)) return looking;
    lookedAt = now;
    return lookOnce();
  };
  return {
    signing: () => keys.signing(),
    publicKeys: () => keys.publicKeys(),
    find: async (kid) => {
      const found = await keys.find(kid);
      if (found !== null) return found;
      await lookForKid();
      return keys.find(kid);
    },
    close: () => clearInterval(timer),
  };
}

/** Changes with the file; also a file that is gone, and comes back, has changed. */
async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, ino, size } = await stat(file);
    return `${mtimeMs} ${ino} ${size}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
