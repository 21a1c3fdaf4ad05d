import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { deadLetterQueueOf } from '../image-queue.ts';
import type { ServerAddress } from './ensure-bucket.ts';

export interface QueuesSetUp extends ServerAddress {
  readonly name: string;
  /** The maximum number of deliveries. The next receive moves the message to the dead-letter queue. */
  readonly maxReceiveCount: number;
  readonly visibilitySeconds: number;
}

export interface QueuePair {
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly dlqUrl: string;
}

/** 14 days, the maximum of SQS. */
const retentionSeconds = '1209600';

/** Creates a queue and its dead-letter queue. Idempotent. */
export async function ensureQueues(setUp: QueuesSetUp): Promise<QueuePair> {
  const { endpoint, region, credentials, name, maxReceiveCount, visibilitySeconds } = setUp;
  const client = new SQSClient({ endpoint, region, credentials });
  try {
    const dlq = await ensureQueue(client, deadLetterQueueOf(name), { MessageRetentionPeriod: retentionSeconds });
    const queue = await ensureQueue(client, name, {
      MessageRetentionPeriod: retentionSeconds,
      VisibilityTimeout: String(visibilitySeconds),
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dlq.arn, maxReceiveCount }),
    });
    return { queueUrl: queue.url, queueArn: queue.arn, dlqUrl: dlq.url };
  } finally {
    client.destroy();
  }
}

async function ensureQueue(client: SQSClient, name: string, attributes: Record<string, string>) {
  // Without attributes, because CreateQueue fails if they differ from those of an existing queue.
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name }));
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }));
  const reply = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const arn = reply.Attributes?.QueueArn;
  if (QueueUrl === undefined || arn === undefined) throw new Error(`the server returned no URL or ARN of "${name}"`);
  return { url: QueueUrl, arn };
}
