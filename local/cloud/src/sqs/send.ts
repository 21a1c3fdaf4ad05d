import { insertMessage, numberAttribute } from '../store/queues.ts';
import { SqsError } from './errors.ts';
import { md5Hex } from './md5.ts';
import { requireQueue, requireText, type SqsRequest } from './request.ts';

/** Matches characters that SQS does not allow: those outside of XML 1.0. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Replies after the message is committed. */
export async function sendMessage(request: SqsRequest): Promise<object> {
  const { cloud, input } = request;
  const queue = await requireQueue(request);
  for (const name of ['MessageAttributes', 'DelaySeconds']) {
    if (input[name] !== undefined) throw new SqsError('UnsupportedOperation', `${name} is not supported.`);
  }
  const body = requireText(input, 'MessageBody');
  const maxBytes = numberAttribute(queue, 'MaximumMessageSize');
  if (Buffer.byteLength(body) > maxBytes) {
    throw new SqsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`,
    );
  }
  if (forbidden.test(body))
    throw new SqsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  const id = await cloud.database.transact((tx) => insertMessage(tx, queue, body));
  return { MessageId: id, MD5OfMessageBody: md5Hex(body) };
}
