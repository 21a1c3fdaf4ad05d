import { queueArn, queueOfArn } from '../cloud.ts';
import type { Reply } from '../http.ts';
import type { CorsRule, NotificationRule } from '../store/buckets.ts';
import { findQueue, insertMessages, type Queue } from '../store/queues.ts';
import { readText } from './body.ts';
import { S3Error } from './errors.ts';
import { testEventJson } from './events.ts';
import { childrenOf, parseXml, textOf, textsOf, type XmlNode } from './read-xml.ts';
import { header, requireBucket, type S3Request, xmlHeaders } from './request.ts';
import { element, s3Namespace, xmlDocument } from './write-xml.ts';

const longestConfiguration = 256_000;

/** GET / */
export async function listBuckets({ cloud }: S3Request): Promise<Reply> {
  const buckets = cloud.buckets
    .all()
    .map(
      ({ name, createdAt }) =>
        `<Bucket>${element('Name', name)}${element('CreationDate', createdAt.toISOString())}</Bucket>`,
    );
  const body = `<ListAllMyBucketsResult ${s3Namespace}><Buckets>${buckets.join('')}</Buckets></ListAllMyBucketsResult>`;
  return { status: 200, headers: xmlHeaders(), body: xmlDocument(body) };
}

/** PUT /bucket */
export async function createBucket(request: S3Request): Promise<Reply> {
  const { cloud, bucket } = request;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes('..')) {
    throw new S3Error(
      'InvalidBucketName',
      'The specified bucket is not valid: 3 to 63 lower-case letters, digits, dots and hyphens.',
    );
  }
  // It may name a region; there is only the one.
  if (header(request, 'content-length') !== undefined) await readText(request, longestConfiguration);
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

/** GET /bucket?location */
export async function getBucketLocation(request: S3Request): Promise<Reply> {
  requireBucket(request);
  const region = request.cloud.region === 'us-east-1' ? '' : request.cloud.region;
  const body = xmlDocument(`<LocationConstraint ${s3Namespace}>${region}</LocationConstraint>`);
  return { status: 200, headers: xmlHeaders(), body };
}

/** DELETE /bucket */
export async function deleteBucket({ cloud, bucket }: S3Request): Promise<Reply> {
  const hindrance = await cloud.buckets.remove(bucket);
  if (hindrance === 'missing') throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
  if (hindrance === 'not_empty') throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty');
  return { status: 204 };
}

/** PUT /bucket?cors */
export async function putBucketCors(request: S3Request): Promise<Reply> {
  requireBucket(request);
  const root = parseXml(await readText(request, longestConfiguration), 'CORSConfiguration');
  const rules = childrenOf(root, 'CORSRule').map(readCorsRule);
  if (rules.length === 0 || rules.length > 100) throw new S3Error('MalformedXML', 'Give from 1 to 100 CORS rules.');
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

/** GET /bucket?cors */
export async function getBucketCors(request: S3Request): Promise<Reply> {
  const { cors } = requireBucket(request);
  if (cors.length === 0) throw new S3Error('NoSuchCORSConfiguration', 'The CORS configuration does not exist');
  const rules = cors.map((rule) =>
    [
      '<CORSRule>',
      rule.id === undefined ? '' : element('ID', rule.id),
      ...rule.headers.map((name) => element('AllowedHeader', name)),
      ...rule.methods.map((method) => element('AllowedMethod', method)),
      ...rule.origins.map((origin) => element('AllowedOrigin', origin)),
      ...rule.expose.map((name) => element('ExposeHeader', name)),
      rule.maxAgeSeconds === undefined ? '' : element('MaxAgeSeconds', rule.maxAgeSeconds),
      '</CORSRule>',
    ].join(''),
  );
  const body = xmlDocument(`<CORSConfiguration ${s3Namespace}>${rules.join('')}</CORSConfiguration>`);
  return { status: 200, headers: xmlHeaders(), body };
}

/** DELETE /bucket?cors */
export async function deleteBucketCors(request: S3Request): Promise<Reply> {
  requireBucket(request);
  await request.cloud.buckets.setCors(request.bucket, []);
  return { status: 204 };
}

/** PUT /bucket?notification: every queue named gets an s3:TestEvent. */
export async function putBucketNotification(request: S3Request): Promise<Reply> {
  requireBucket(request);
  const { cloud, bucket } = request;
  const root = parseXml(await readText(request, longestConfiguration), 'NotificationConfiguration');
  for (const other of ['TopicConfiguration', 'CloudFunctionConfiguration', 'EventBridgeConfiguration']) {
    if (childrenOf(root, other).length > 0)
      throw new S3Error('NotImplemented', `${other} is not offered here, only QueueConfiguration.`);
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
    for (const queue of queues.values()) await insertMessages(tx, queue, [{ body, attributes: {}, delaySeconds: 0 }]);
  });
  return { status: 200 };
}

function readNotificationRule(node: XmlNode, index: number): NotificationRule {
  const queue = queueOfArn(textOf(node, 'Queue') ?? '');
  if (queue === undefined) throw invalid('The ARN is not well formed');
  const events = textsOf(node, 'Event');
  const unknown = events.find((event) => !/^s3:ObjectCreated:(\*|Put|CompleteMultipartUpload)$/.test(event));
  if (unknown !== undefined || events.length === 0) {
    throw invalid(
      `The event ${unknown ?? ''} is not offered here. Use s3:ObjectCreated:*, :Put or :CompleteMultipartUpload.`,
    );
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

/** GET /bucket?notification */
export async function getBucketNotification(request: S3Request): Promise<Reply> {
  const rules = requireBucket(request).notifications.map((rule) => {
    const filters = [
      ['prefix', rule.prefix],
      ['suffix', rule.suffix],
    ]
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `<FilterRule>${element('Name', name ?? '')}${element('Value', value ?? '')}</FilterRule>`)
      .join('');
    return [
      '<QueueConfiguration>',
      element('Id', rule.id),
      element('Queue', queueArn(request.cloud, rule.queue)),
      ...rule.events.map((event) => element('Event', event)),
      filters === '' ? '' : `<Filter><S3Key>${filters}</S3Key></Filter>`,
      '</QueueConfiguration>',
    ].join('');
  });
  const body = xmlDocument(`<NotificationConfiguration ${s3Namespace}>${rules.join('')}</NotificationConfiguration>`);
  return { status: 200, headers: xmlHeaders(), body };
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidArgument', message);
}
