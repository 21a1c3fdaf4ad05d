import {
  insertMessages,
  type MessageAttribute,
  type NewMessage,
  numberAttribute,
  type Queue,
} from '../store/queues.ts';
import { SqsError } from './errors.ts';
import { md5Hex, md5OfAttributes } from './md5.ts';
import {
  eachEntry,
  isRecord,
  optionalInteger,
  optionalText,
  readEntries,
  requireQueue,
  requireText,
  type SqsRequest,
} from './request.ts';

/** What SQS takes as text: XML 1.0's characters. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export async function sendMessage(request: SqsRequest): Promise<object> {
  const queue = await requireQueue(request);
  const message = readMessage(request.input, queue);
  return store(request, queue, message);
}

export async function sendMessageBatch(request: SqsRequest): Promise<object> {
  const queue = await requireQueue(request);
  const entries = readEntries(request.input);
  const bytes = entries.reduce(
    (sum, { input }) => sum + Buffer.byteLength(optionalText(input, 'MessageBody') ?? ''),
    0,
  );
  if (bytes > 1_048_576)
    throw new SqsError('BatchRequestTooLong', 'Batch requests cannot be longer than 1048576 bytes.');
  return eachEntry(entries, async ({ input }) => store(request, queue, readMessage(input, queue)));
}

/** Answers only once the message is committed. */
async function store({ cloud }: SqsRequest, queue: Queue, message: NewMessage): Promise<Record<string, unknown>> {
  const [id] = await cloud.database.transact((tx) => insertMessages(tx, queue, [message]));
  const md5 = md5OfAttributes(message.attributes);
  return {
    MessageId: id,
    MD5OfMessageBody: md5Hex(message.body),
    ...(md5 === undefined ? {} : { MD5OfMessageAttributes: md5 }),
  };
}

function readMessage(input: Readonly<Record<string, unknown>>, queue: Queue): NewMessage {
  const body = requireText(input, 'MessageBody');
  const attributes = readMessageAttributes(input);
  const most = numberAttribute(queue, 'MaximumMessageSize');
  const size = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes)) - 2;
  if (size > most) {
    throw new SqsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
  }
  if (forbidden.test(body))
    throw new SqsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  const delaySeconds = optionalInteger(input, 'DelaySeconds', 0, 900) ?? numberAttribute(queue, 'DelaySeconds');
  return { body, attributes, delaySeconds };
}

function readMessageAttributes(input: Readonly<Record<string, unknown>>): Record<string, MessageAttribute> {
  const given = input.MessageAttributes ?? {};
  if (!isRecord(given)) throw new SqsError('SerializationException', 'MessageAttributes must be a map.');
  const names = Object.keys(given);
  if (names.length > 10) throw invalid('Number of message attributes [more than 10] exceeds the allowed maximum [10].');
  const attributes: Record<string, MessageAttribute> = {};
  for (const name of names) {
    const value = given[name];
    if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || !isRecord(value))
      throw invalid(`The message attribute name '${name}' is invalid.`);
    const type = requireText(value, 'DataType');
    const text = optionalText(value, 'StringValue');
    const binary = optionalText(value, 'BinaryValue');
    if (!/^(String|Number|Binary)(\.[A-Za-z0-9_.-]{1,240})?$/.test(type))
      throw invalid(`The message attribute '${name}' has an invalid type.`);
    if (type.startsWith('Binary') ? binary === undefined : text === undefined || text === '' || forbidden.test(text)) {
      throw invalid(`The message attribute '${name}' must contain a value that fits its type ${type}.`);
    }
    attributes[name] = type.startsWith('Binary')
      ? { DataType: type, BinaryValue: binary }
      : { DataType: type, StringValue: text };
  }
  return attributes;
}

function invalid(message: string): SqsError {
  return new SqsError('InvalidParameterValue', message);
}
