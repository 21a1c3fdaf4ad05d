import { accountId, type Cloud } from '../cloud.ts';
import { findQueue, type Queue } from '../store/queues.ts';
import { SqsError } from './errors.ts';

/** One authorised call to SQS. */
export interface SqsRequest {
  readonly cloud: Cloud;
  readonly input: Readonly<Record<string, unknown>>;
  /** Under which the client reached us: queue URLs begin with it. */
  readonly origin: string;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
}

export function optionalText(input: Readonly<Record<string, unknown>>, name: string): string | undefined {
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

/** A whole number from `least` to `most`. */
export function optionalInteger(
  input: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new SqsError(
      'InvalidParameterValue',
      `Value ${String(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}.`,
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

/** A map of strings to strings. */
export function textMap(input: Readonly<Record<string, unknown>>, name: string): Record<string, string> {
  const value = input[name] ?? {};
  if (!isRecord(value)) throw new SqsError('SerializationException', `${name} must be a map of strings.`);
  return Object.fromEntries(Object.keys(value).map((key) => [key, optionalText(value, key) ?? '']));
}

export function queueUrl({ origin }: SqsRequest, name: string): string {
  return `${origin}/${accountId}/${name}`;
}

/** The queue that QueueUrl names by the end of its path. */
export async function requireQueue(request: SqsRequest): Promise<Queue> {
  const url = requireText(request.input, 'QueueUrl');
  const name = /\/([A-Za-z0-9_-]{1,80})$/.exec(url)?.[1];
  return requireQueueNamed(request, name ?? '');
}

export async function requireQueueNamed(request: SqsRequest, name: string): Promise<Queue> {
  const queue = name === '' ? undefined : await findQueue(request.cloud.database, name);
  if (!queue) throw new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

export interface BatchEntry {
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The entries of a batch: 1 to 10, with distinct ids. */
export function readEntries(input: Readonly<Record<string, unknown>>): BatchEntry[] {
  const list: unknown = input.Entries;
  if (!Array.isArray(list) || list.length === 0) {
    throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (list.length > 10)
    throw new SqsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
  const entries = list.map((entry: unknown) => {
    if (!isRecord(entry)) throw new SqsError('SerializationException', 'Entries must be a list of structures.');
    const id = requireText(entry, 'Id');
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(id)) {
      throw new SqsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    return { id, input: entry };
  });
  if (new Set(entries.map((entry) => entry.id)).size < entries.length) {
    throw new SqsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  return entries;
}

export interface BatchReply {
  readonly Successful: readonly Readonly<Record<string, unknown>>[];
  readonly Failed: readonly Readonly<Record<string, unknown>>[];
}

/** Does each entry on its own: one that is refused does not hinder the others. */
export async function eachEntry(
  entries: readonly BatchEntry[],
  work: (entry: BatchEntry) => Promise<Record<string, unknown>>,
): Promise<BatchReply> {
  const Successful: Record<string, unknown>[] = [];
  const Failed: Record<string, unknown>[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.id, ...(await work(entry)) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      Failed.push({ Id: entry.id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}
