import type { AccessKey } from './access.ts';
import type { Log } from './log.ts';
import type { QueueSignals } from './sqs/signals.ts';
import type { Blobs } from './store/blobs.ts';
import type { Buckets } from './store/buckets.ts';
import type { Database } from './store/database.ts';

/** The dependencies of every operation. */
export interface Cloud {
  readonly region: string;
  /** Access keys by id. */
  readonly accessKeys: ReadonlyMap<string, AccessKey>;
  readonly maxObjectBytes: number;
  readonly database: Database;
  readonly buckets: Buckets;
  readonly blobs: Blobs;
  readonly signals: QueueSignals;
  readonly log: Log;
}

/** The only account. ARNs and URLs of queues contain it. */
export const accountId = '000000000000';

export function queueArn(cloud: Pick<Cloud, 'region'>, name: string): string {
  return `arn:aws:sqs:${cloud.region}:${accountId}:${name}`;
}

/** The queue name of an ARN. Ignores region and account. */
export function queueOfArn(arn: string): string | undefined {
  return /^arn:aws:sqs:[^:]*:[^:]*:([A-Za-z0-9_-]{1,80})$/.exec(arn)?.[1];
}
