import { queueOfArn } from '../cloud.ts';
import type { Reply } from '../http.ts';
import type { CorsRule, NotificationRule } from '../store/buckets.ts';
import { findQueue, insertMessage, type Queue } from '../store/queues.ts';
import { readText } from './body.ts';
import { S3Error } from './errors.ts';
import { testEventJson } from './events.ts';
import { childrenOf, parseXml, textOf, textsOf, type XmlNode } from './read-xml.ts';
import { header, requireBucket, type S3Request } from './request.ts';

const maxConfiguration = 256_000;

/** PUT /bucket */
export async function createBucket(request: S3Request): Promise<Reply> {
  const { cloud, bucket } = request;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes('..')) {
    throw new S3Error(
      'InvalidBucketName',
      'The specified bucket is not valid: 3 to 63 lower-case letters, digits, dots and hyphens.',
    );
  }
  // The body may name a region, but there is only one.
  if (header(request, 'content-length') !== undefined) await readText(request, maxConfiguration);
  if (!(await cloud.buckets.create(bucket))) {
    throw new S3Error(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
    );
  }
  return { status: 200, headers: { location: `/${bucket}` } };
}

/** HEAD /bucket */
export async function headBucket(request: S3Request): Promise<Reply> {
  requireBucket(request);
  return { status: 200, headers: { 'x-amz-bucket-region': request.cloud.region } };
}

/** PUT /bucket?cors */
export async function putBucketCors(request: S3Request): Promise<Reply> {
  requireBucket(request);
  const root = parseXml(await readText(request, maxConfiguration), 'CORSConfiguration');
  const rules = childrenOf(root, 'CORSRule').map(readCorsRule);
  if (rules.length === 0 || rules.length > 100)
    throw new S3Error('MalformedXML', 'A CORS configuration needs from 1 to 100 rules.');
  await request.cloud.buckets.setCors(request.bucket, rules);
  return { status: 200 };
}

function readCorsRule(node: XmlNode): CorsRule {
  const methods = textsOf(node, 'AllowedMethod');
  const origins = textsOf(node, 'AllowedOrigin');
  const unknown = methods.find((method) => !['GET', 'PUT', 'POST', 'DELETE', 'HEAD'].includes(method));
  if (unknown !== undefined) {
    throw new S3Error(
      'InvalidRequest',
      `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`,
    );
  }
  if (methods.length === 0 || origins.length === 0) {
    throw new S3Error('MalformedXML', 'A CORS rule needs an AllowedMethod and an AllowedOrigin.');
  }
  const age = textOf(node, 'MaxAgeSeconds');
  if (age !== undefined && !/^\d{1,9}$/.test(age))
    throw new S3Error('MalformedXML', 'MaxAgeSeconds must be a whole number.');
  const headers = textsOf(node, 'AllowedHeader');
  for (const pattern of [...origins, ...headers]) {
    if (pattern.split('*').length > 2)
      throw new S3Error('InvalidRequest', `"${pattern}" can not have more than one wildcard.`);
  }
  const expose = textsOf(node, 'ExposeHeader');
  if (expose.some((name) => !/^[\w-]+$/.test(name)))
    throw new S3Error('InvalidRequest', 'ExposeHeader must be a header name.');
  const id = textOf(node, 'ID');
  return { id, origins, methods, headers, expose, maxAgeSeconds: age === undefined ? undefined : Number(age) };
}

/** PUT /bucket?notification: sends an s3:TestEvent to every queue of the configuration. */
export async function putBucketNotification(request: S3Request): Promise<Reply> {
  requireBucket(request);
  const { cloud, bucket } = request;
  const root = parseXml(await readText(request, maxConfiguration), 'NotificationConfiguration');
  for (const other of ['TopicConfiguration', 'CloudFunctionConfiguration', 'EventBridgeConfiguration']) {
    if (childrenOf(root, other).length > 0)
      throw new S3Error('NotImplemented', `${other} is not supported, only QueueConfiguration.`);
  }
  const rules = childrenOf(root, 'QueueConfiguration').map(readNotificationRule);
  const queues = new Map<string, Queue>();
  for (const { queue: name } of rules) {
    const queue = await findQueue(cloud.database, name);
    if (!queue) throw invalid(`Unable to validate the following destination configurations: there is no queue ${name}`);
    queues.set(name, queue);
  }
  await cloud.buckets.setNotifications(bucket, rules, async (tx) => {
    const body = testEventJson(bucket, request.requestId);
    for (const queue of queues.values()) await insertMessage(tx, queue, body);
  });
  return { status: 200 };
}

function readNotificationRule(node: XmlNode, index: number): NotificationRule {
  const queue = queueOfArn(textOf(node, 'Queue') ?? '');
  if (queue === undefined) throw invalid('The ARN is not well formed');
  const events = textsOf(node, 'Event');
  const unknown = events.find((event) => !/^s3:ObjectCreated:(\*|Put)$/.test(event));
  if (unknown !== undefined || events.length === 0) {
    throw invalid(`The event ${unknown ?? ''} is not supported. Use s3:ObjectCreated:* or s3:ObjectCreated:Put.`);
  }
  const filters = childrenOf(node, 'Filter')
    .flatMap((filter) => childrenOf(filter, 'S3Key'))
    .flatMap((key) => childrenOf(key, 'FilterRule'));
  let prefix = '';
  let suffix = '';
  for (const filter of filters) {
    const name = textOf(filter, 'Name')?.toLowerCase();
    const value = textOf(filter, 'Value') ?? '';
    if (name === 'prefix') prefix = value;
    else if (name === 'suffix') suffix = value;
    else throw invalid('filter rule name must be either prefix or suffix');
  }
  return { id: textOf(node, 'Id') ?? `rule-${index + 1}`, queue, events, prefix, suffix };
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidArgument', message);
}
