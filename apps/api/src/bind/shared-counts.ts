import type { Logger } from '@spinbay/runtime';
import { Redis } from 'ioredis';
import { type Count, createMemoryCounts, type RequestCounts, windowMs } from './request-counts.ts';

/** The longest wait for a reply of Redis. After this, a request is counted in memory. */
const replyWithinMs = 250;
/** How often to retry an unusable Redis. Requests do not use it in the meantime. */
const probeEveryMs = 1_000;
const startWithinMs = 2_000;

/** Adds to a counter and returns it with the time left, in ms. Atomic on the server, so that instances count exactly. */
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
 * Counts in Redis, for all instances together. While Redis is down, each instance counts in its own memory. The log
 * records the start and the end of an outage. Resolves when Redis has answered or failed, within two seconds.
 */
export async function createSharedCounts(url: string, log: Logger): Promise<SharedCounts> {
  const memory = createMemoryCounts();
  const redis = new Redis(url, {
    connectionName: 'spinbay-api',
    disableClientInfo: true,
    // A command that cannot be sent fails immediately and is not repeated, because memory has counted it.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: replyWithinMs,
    // Detects connections whose other end has disappeared.
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
      // Not the error itself: it may contain the command with the password.
      const until = 'each instance counts requests in its own memory until Redis is available';
      log.warn({ reason: error.message }, `Redis (REDIS_URL) cannot be used: ${until}`);
    }
    reachable = false;
    probing ??= setInterval(probe, probeEveryMs).unref();
    settle();
  };
  // Adding zero tests whether Redis can count: it may be connected but hanging, or read-only.
  const probe = async () => {
    if (redis.status !== 'ready') return;
    try {
      await add('probe', 'probe', 0);
    } catch (error) {
      failed(error as Error);
      return;
    }
    if (reachable === false) log.info('Redis can be used again: all instances share their counts');
    reachable = true;
    clearInterval(probing);
    probing = undefined;
    settle();
  };
  redis.on('error', failed);
  redis.on('close', () => failed(new Error('the connection was closed')));
  redis.on('ready', () => void probe());
  // While Redis loads its data, it is neither ready nor in error.
  const late = setTimeout(() => failed(new Error(`it was not ready within ${startWithinMs} ms`)), startWithinMs);
  await settled;
  clearTimeout(late);
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
