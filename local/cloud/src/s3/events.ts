import { uriEncode } from '../sigv4/canonical.ts';
import type { NotificationRule } from '../store/buckets.ts';
import type { NewObject, PutEvents } from '../store/objects.ts';
import { findQueue, insertMessage } from '../store/queues.ts';
import type { S3Request } from './request.ts';

/** Sends the event of a new object to the queues with a matching rule. */
export function eventsOf(request: S3Request, object: NewObject): PutEvents {
  return {
    async send(tx, rules, sequencer, at) {
      for (const rule of rules.filter((candidate) => matches(candidate, object.key))) {
        const queue = await findQueue(tx, rule.queue);
        if (!queue) {
          request.cloud.log.warn({ queue: rule.queue }, 'dropped an event: its queue does not exist');
          continue;
        }
        await insertMessage(tx, queue, eventJson(request, object, rule.id, sequencer, at));
      }
    },
  };
}

function matches(rule: NotificationRule, key: string): boolean {
  // Every event type of a rule includes PUT.
  return key.startsWith(rule.prefix) && key.endsWith(rule.suffix);
}

/** The format of Amazon S3: "Event message structure", version 2.1. */
function eventJson(
  request: S3Request,
  object: NewObject,
  configurationId: string,
  sequencer: bigint,
  at: Date,
): string {
  const principalId = `AWS:${request.auth.accessKeyId}`;
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: request.cloud.region,
        eventTime: at.toISOString(),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId },
        requestParameters: { sourceIPAddress: request.incoming.socket.remoteAddress ?? '' },
        responseElements: { 'x-amz-request-id': request.requestId, 'x-amz-id-2': request.requestId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: { name: object.bucket, ownerIdentity: { principalId }, arn: `arn:aws:s3:::${object.bucket}` },
          object: {
            key: eventKey(object.key),
            size: object.size,
            eTag: object.etag,
            sequencer: sequencer.toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      },
    ],
  });
}

/** Keys in events are form-encoded except for slashes. */
function eventKey(key: string): string {
  return uriEncode(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

export function testEventJson(bucket: string, requestId: string): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date().toISOString(),
    Bucket: bucket,
    RequestId: requestId,
    HostId: requestId,
  });
}
