import { accountId, type Cloud } from '../cloud.ts';
import { findQueue, type Queue } from '../store/queues.ts';
import { SqsError } from './errors.ts';

/** An authorized SQS call. */
export interface SqsRequest {
  readonly cloud: Cloud;
  readonly input: Readonly<Record<string, unknown>>;
  /** The name of the queue that the caller may use. Empty if the URL in the call does not name a queue. */
  readonly queue: string;
  /** The origin that the client used. Queue URLs begin with it. */
  readonly origin: string;
  /** Aborts when the client disconnects. */
  readonly gone: AbortSignal;
}

function optionalText(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new SqsError('SerializationException', `${name} must be a string.`);
  return value;
}

export function requireText(input: Readonly<Record<string, unknown>>, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined || value === '') {
    throw new SqsError('MissingParameter', `The request must contain the parameter ${name}.`);
  }
  return value;
}

/** Reads an integer from `min` to `max`. */
export function optionalInteger(
  input: Readonly<Record<string, unknown>>,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new SqsError(
      'InvalidParameterValue',
      `Value ${String(value)} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}.`,
    );
  }
  return value;
}

export function textList(input: Readonly<Record<string, unknown>>, name: string): string[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > 100)
    throw new SqsError('SerializationException', `${name} must be a list of strings.`);
  return value.map((item: unknown) => {
    if (typeof item !== 'string') throw new SqsError('SerializationException', `${name} must be a list of strings.`);
    return item;
  });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a map of strings to strings. */
export function textMap(input: Readonly<Record<string, unknown>>, name: string): Record<string, string> {
  const value = input[name] ?? {};
  if (!isRecord(value)) throw new SqsError('SerializationException', `${name} must be a map of strings.`);
  return Object.fromEntries(Object.keys(value).map((key) => [key, optionalText(value, key) ?? '']));
}

export function queueUrl({ origin }: SqsRequest, name: string): string {
  return `${origin}/${accountId}/${name}`;
}

/** The name of the queue that a QueueUrl ends with, or an empty text. */
export function queueOfUrl(url: string): string {
  return /\/([A-Za-z0-9_-]{1,80})$/.exec(url)?.[1] ?? '';
}

export async function requireQueue({ cloud, queue: name }: SqsRequest): Promise<Queue> {
  const queue = name === '' ? undefined : await findQueue(cloud.database, name);
  if (!queue) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}
