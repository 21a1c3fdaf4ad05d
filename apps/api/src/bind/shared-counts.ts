import type { Logger } from '@spinbay/runtime';
import { Redis } from 'ioredis';
import { type Count, createMemoryCounts, type RequestCounts, windowMs } from './request-counts.ts';

/** A request waits no longer than this for Redis: it is counted in memory then. */
const replyWithinMs = 250;
/** While Redis cannot be used, no request asks it; this often it is tried. */
const probeEveryMs = 1_000;

/** In one step on the server, so that instances cannot count past one another. */
const addScript = `
local points = redis.call('incrby', KEYS[1], ARGV[1])
local left = redis.call('pttl', KEYS[1])
if left < 0 then
  redis.call('pexpire', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return {points, left}`;

export interface SharedCounts extends RequestCounts {
  close(): void;
}

/**
 * Counts in Redis, for all instances together. While Redis is away each instance counts in its own memory; the log says
 * when that begins and ends.
 * @returns once Redis answers, or is known not to: within two seconds
 */
export async function createSharedCounts(url: string, log: Logger): Promise<SharedCounts> {
  const memory = createMemoryCounts();
  const redis = new Redis(url, {
    connectionName: 'spinbay-api',
    disableClientInfo: true,
    // A command that cannot be sent now fails now, and is not sent again: it was counted in memory.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: replyWithinMs,
    // A connection whose other end is gone without a word is given up.
    socketTimeout: 2_000,
    connectTimeout: 1_500,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  });
  let reachable: boolean | undefined;
  let closing = false;
  let fallbacks = 0;
  let probing: NodeJS.Timeout | undefined;
  let settle = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const add = async (bucket: string, caller: string, points: number): Promise<Count> => {
    const reply = await redis.eval(addScript, 1, `spinbay:rate:${bucket}:${caller}`, points, windowMs);
    const [total, msLeft] = reply as [number, number];
    return { points: total, msLeft };
  };
  const failed = (error: Error) => {
    if (closing) return;
    if (reachable !== false) {
      // Not the error itself: it may carry the command, which may be the one with the password.
      const until = 'each instance counts rate limits alone until it can';
      log.warn({ reason: error.message }, `Redis (REDIS_URL) cannot be used: ${until}`);
    }
    reachable = false;
    probing ??= setInterval(probe, probeEveryMs).unref();
    settle();
  };
  // Adding nothing shows whether it would count: it may be connected and silent, or read-only.
  const probe = async () => {
    if (redis.status !== 'ready') return;
    try {
      await add('probe', 'probe', 0);
    } catch (error) {
      failed(error as Error);
      return;
    }
    if (reachable === false) log.info('Redis can be used again: instances count rate limits together');
    reachable = true;
    clearInterval(probing);
    probing = undefined;
    settle();
  };
  redis.on('error', failed);
  redis.on('close', () => failed(new Error('the connection was closed')));
  redis.on('ready', () => void probe());
  await settled;
  return {
    add: async (bucket, caller, points) => {
      if (reachable && redis.status === 'ready') {
        try {
          return await add(bucket, caller, points);
        } catch (error) {
          failed(error as Error);
        }
      }
      fallbacks += 1;
      return memory.add(bucket, caller, points);
    },
    redis: () => ({ reachable: reachable === true, fallbacks }),
    close: () => {
      closing = true;
      clearInterval(probing);
      redis.disconnect();
    },
  };
}
