import { queueArn, queueOfArn } from '../cloud.ts';
import {
  countMessages,
  createQueue as createQueueRow,
  findQueue,
  type Queue,
  queueDefaults,
  setQueueAttributes as setAttributes,
} from '../store/queues.ts';
import { SqsError } from './errors.ts';
import { isRecord, queueUrl, requireQueue, type SqsRequest, textList, textMap } from './request.ts';

/** Settable numeric attributes and their bounds. */
const numbers: Readonly<Record<string, readonly [min: number, max: number]>> = {
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
};

/** Settable attributes without effect: there is only one account, and nothing is encrypted. */
const inert = new Set(['Policy', 'RedriveAllowPolicy', 'SqsManagedSseEnabled']);

export async function createQueue(request: SqsRequest): Promise<object> {
  const name = request.queue;
  if (name.endsWith('.fifo')) throw new SqsError('UnsupportedOperation', 'FIFO queues are not supported.');
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
    throw new SqsError(
      'InvalidParameterValue',
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  const attributes = await readAttributes(request, name);
  const { queue, created } = await createQueueRow(request.cloud.database, name, attributes);
  const differing = Object.keys(attributes).find((key) => attributes[key] !== effective(queue)[key]);
  if (!created && differing !== undefined) {
    throw new SqsError(
      'QueueNameExists',
      `A queue already exists with the same name and a different value for attribute ${differing}`,
    );
  }
  return { QueueUrl: queueUrl(request, name) };
}

export async function getQueueUrl(request: SqsRequest): Promise<object> {
  const queue = await requireQueue(request);
  return { QueueUrl: queueUrl(request, queue.name) };
}

export async function getQueueAttributes(request: SqsRequest): Promise<object> {
  const queue = await requireQueue(request);
  const wanted = textList(request.input, 'AttributeNames');
  const counts = await countMessages(request.cloud.database, queue.id);
  const all: Record<string, string> = {
    ...effective(queue),
    QueueArn: queueArn(request.cloud, queue.name),
    CreatedTimestamp: String(Math.floor(queue.createdAt.getTime() / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt.getTime() / 1000)),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: '0',
  };
  const optional = ['RedrivePolicy', ...inert];
  const unknown = wanted.find((name) => name !== 'All' && all[name] === undefined && !optional.includes(name));
  if (unknown !== undefined) throw new SqsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const names = wanted.includes('All') ? Object.keys(all) : wanted;
  return {
    Attributes: Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))),
  };
}

export async function setQueueAttributes(request: SqsRequest): Promise<object> {
  const queue = await requireQueue(request);
  await setAttributes(request.cloud.database, queue.id, await readAttributes(request, queue.name));
  return {};
}

function effective(queue: Queue): Record<string, string> {
  // An empty value removes an attribute.
  const set = Object.fromEntries(Object.entries(queue.attributes).filter(([, value]) => value !== ''));
  return { ...queueDefaults, ...set };
}

async function readAttributes(request: SqsRequest, queueName: string): Promise<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (const [name, text] of Object.entries(textMap(request.input, 'Attributes'))) {
    const bounds = numbers[name];
    if (bounds) {
      if (!/^\d{1,7}$/.test(text) || Number(text) < bounds[0] || Number(text) > bounds[1]) {
        throw new SqsError(
          'InvalidAttributeValue',
          `Invalid value for the parameter ${name}. It must be from ${bounds[0]} to ${bounds[1]}.`,
        );
      }
      attributes[name] = String(Number(text));
    } else if (name === 'RedrivePolicy')
      attributes[name] = text === '' ? '' : await readRedrivePolicy(request, queueName, text);
    else if (inert.has(name)) attributes[name] = text;
    else throw new SqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
  }
  return attributes;
}

async function readRedrivePolicy(request: SqsRequest, queueName: string, text: string): Promise<string> {
  const invalid = (reason: string) =>
    new SqsError('InvalidParameterValue', `Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw invalid('Redrive policy is not a valid JSON map.');
  }
  if (!isRecord(policy)) throw invalid('Redrive policy is not a valid JSON map.');
  const maxReceiveCount = Number(policy.maxReceiveCount);
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000)
    throw invalid('maxReceiveCount must be from 1 to 1000.');
  const arn = typeof policy.deadLetterTargetArn === 'string' ? policy.deadLetterTargetArn : '';
  const target = queueOfArn(arn);
  if (target === undefined || target === queueName)
    throw invalid('deadLetterTargetArn must be the ARN of another queue.');
  if (!(await findQueue(request.cloud.database, target))) throw invalid('Dead letter target does not exist.');
  return JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount });
}
