import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { type ConnectionOptions, call, connect } from './connection.ts';

export interface QueueOptions extends ConnectionOptions {
  readonly queueUrl: string;
}

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** Identifies this receive. Needed to delete the message or to change its visibility. */
  readonly receiptHandle: string;
  /** 1 for the first delivery. */
  readonly receiveCount: number;
  readonly sentAt: Date;
}

export interface QueueDepth {
  readonly visible: number;
  /** Messages that are received but neither deleted nor visible again. */
  readonly inFlight: number;
  readonly delayed: number;
}

/**
 * A call that fails throws `QueueUnavailable`, or the signal's reason if the signal aborts. Transient failures are retried up
 * to three times.
 */
export interface Queue {
  /**
   * Waits up to `waitSeconds` (0 to 20) and receives up to `max` (1 to 10) messages. Returns an empty list if none arrives.
   * Messages in transit when the signal aborts stay hidden until their visibility timeout expires.
   */
  receive(options: {
    max: number;
    waitSeconds: number;
    visibilitySeconds: number;
    signal?: AbortSignal;
  }): Promise<QueueMessage[]>;
  /** Also throws `ReceiptExpired`. */
  delete(receiptHandle: string): Promise<void>;
  /** Hides the message for `seconds` from now. 0 makes it visible at once. Also throws `ReceiptExpired`. */
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
  /** @returns the id of the message, which it keeps in a dead-letter queue */
  send(body: string): Promise<string>;
  /** Approximate, as in SQS. */
  depth(): Promise<QueueDepth>;
  /** The URL of the dead-letter queue, or null if there is none. */
  deadLetterUrl(): Promise<string | null>;
  /** The approximate number of visible messages in the dead-letter queue, or null if there is no such queue. */
  deadLetterDepth(): Promise<number | null>;
  /** Resolves if the queue can be reached with these credentials. */
  ready(options?: { signal?: AbortSignal }): Promise<void>;
  close(): void;
}

export function createQueue(options: QueueOptions): Queue {
  const client = connect(options);
  const QueueUrl = options.queueUrl;
  const run = <T>(send: () => Promise<T>, signal?: AbortSignal) => call(QueueUrl, send, signal);
  const findDeadLetters = async (): Promise<string | null> => {
    const own = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }));
    const policy = own.Attributes?.RedrivePolicy;
    if (policy === undefined || policy === '') return null;
    const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn: string };
    // arn:aws:sqs:{region}:{account}:{name}
    const [account, name] = deadLetterTargetArn.split(':').slice(4);
    const target = await client.send(new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account }));
    return target.QueueUrl ?? null;
  };

  return {
    receive: ({ max, waitSeconds, visibilitySeconds, signal }) =>
      run(async () => {
        const reply = await client.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: max,
            WaitTimeSeconds: waitSeconds,
            VisibilityTimeout: visibilitySeconds,
            MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
          }),
          signal ? { abortSignal: signal } : {},
        );
        return (reply.Messages ?? []).map((message) => ({
          id: message.MessageId ?? '',
          body: message.Body ?? '',
          receiptHandle: message.ReceiptHandle ?? '',
          receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
          sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)),
        }));
      }, signal),
    async delete(receiptHandle) {
      await run(() => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle })));
    },
    async changeVisibility(receiptHandle, seconds) {
      await run(() =>
        client.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }),
        ),
      );
    },
    async send(body) {
      const sent = await run(() => client.send(new SendMessageCommand({ QueueUrl, MessageBody: body })));
      return sent.MessageId ?? '';
    },
    depth: () =>
      run(async () => {
        const { Attributes: counts = {} } = await client.send(
          new GetQueueAttributesCommand({
            QueueUrl,
            AttributeNames: [
              'ApproximateNumberOfMessages',
              'ApproximateNumberOfMessagesNotVisible',
              'ApproximateNumberOfMessagesDelayed',
            ],
          }),
        );
        return {
          visible: Number(counts.ApproximateNumberOfMessages ?? 0),
          inFlight: Number(counts.ApproximateNumberOfMessagesNotVisible ?? 0),
          delayed: Number(counts.ApproximateNumberOfMessagesDelayed ?? 0),
        };
      }),
    deadLetterUrl: () => run(findDeadLetters),
    deadLetterDepth: () =>
      run(async () => {
        const url = await findDeadLetters();
        if (url === null) return null;
        const { Attributes: counts = {} } = await client.send(
          new GetQueueAttributesCommand({
            QueueUrl: url,
            AttributeNames: ['ApproximateNumberOfMessages'],
          }),
        );
        return Number(counts.ApproximateNumberOfMessages ?? 0);
      }),
    async ready({ signal } = {}) {
      await run(
        () =>
          client.send(
            new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
            signal ? { abortSignal: signal } : {},
          ),
        signal,
      );
    },
    close: () => client.destroy(),
  };
}
