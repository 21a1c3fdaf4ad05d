import { type KeySource, keyFile, readKeys, type SigningKeysError } from './key-file.ts';
import { importKeys, type SigningKeys } from './signing-keys.ts';

export interface FollowedSigningKeys extends SigningKeys {
  close(): void;
}

export interface FollowOptions {
  /** Called when the keys have changed and are in use. */
  readonly onChange: () => void;
  /** Called once for each fault when the keys cannot be read or are invalid. The last valid keys stay in use. */
  readonly onFault: (error: SigningKeysError) => void;
  /** The interval at which the keys are read. Default: 30,000. */
  readonly everyMs?: number;
  /** The minimum interval between reads that tokens with an unknown kid cause. Default: 5,000. */
  readonly unknownKidEveryMs?: number;
}

/**
 * Loads the keys of a file or another source, and follows its changes.
 * @throws SigningKeysError if the keys cannot be read or are invalid at the start
 */
export async function followSigningKeys(
  file: string | KeySource,
  options: FollowOptions,
): Promise<FollowedSigningKeys> {
  const source = typeof file === 'string' ? keyFile(file) : file;
  let seen: string | undefined = await readKeys(source);
  let keys = await importKeys(source.name, seen);
  let reported: string | undefined;
  const reload = async () => {
    try {
      const text = await readKeys(source);
      if (text === seen) return;
      seen = text;
      keys = await importKeys(source.name, text);
      reported = undefined;
      options.onChange();
    } catch (error) {
      const fault = error as SigningKeysError;
      // The next text that can be read is loaded even if it is the one in use, so that `onChange` reports the recovery.
      seen = undefined;
      if (fault.message !== reported) options.onFault(fault);
      reported = fault.message;
    }
  };
  let reloading: Promise<void> | undefined;
  const reloadOnce = () => {
    reloading ??= reload().finally(() => {
      reloading = undefined;
    });
    return reloading;
  };
  const timer = setInterval(() => void reloadOnce(), options.everyMs ?? 30_000).unref();
  let reloadedAt = Number.NEGATIVE_INFINITY;
  const reloadForKid = async () => {
    const now = performance.now();
    if (now - reloadedAt < (options.unknownKidEveryMs ?? 5_000)) return reloading;
    reloadedAt = now;
    return reloadOnce();
  };
  return {
    signing: () => keys.signing(),
    publicKeys: () => keys.publicKeys(),
    find: async (kid) => {
      const found = await keys.find(kid);
      if (found !== null) return found;
      await reloadForKid();
      return keys.find(kid);
    },
    close: () => clearInterval(timer),
  };
}
