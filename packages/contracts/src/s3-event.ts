import { z } from 'zod';

const Record_ = z.object({
  eventSource: z.literal('aws:s3'),
  eventName: z.string(),
  eventTime: z.string().optional(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), size: z.number().optional() }),
  }),
});

const Notification = z.object({ Records: z.array(Record_).max(1000) });
const TestEvent = z.object({ Event: z.literal('s3:TestEvent') });

/** One new object, with its decoded key (S3 sends keys URL-encoded, with `+` for a space). */
export interface ObjectCreated {
  readonly bucket: string;
  readonly key: string;
  readonly size: number | null;
}

export type S3Message =
  | { kind: 'created'; objects: ObjectCreated[] }
  | { kind: 'test' }
  | { kind: 'foreign'; why: string };

/** The body of a queue message about a new object, as S3 writes it. */
export function s3Message({ bucket, key }: Pick<ObjectCreated, 'bucket' | 'key'>): string {
  const record: z.input<typeof Record_> = {
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    eventTime: new Date().toISOString(),
    s3: { bucket: { name: bucket }, object: { key: key.split('/').map(encodeURIComponent).join('/') } },
  };
  return JSON.stringify({ Records: [record] });
}

/** Parses the body of a queue message from S3. Any other message returns `foreign` with the reason. */
export function parseS3Message(body: string): S3Message {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { kind: 'foreign', why: 'not JSON' };
  }
  if (TestEvent.safeParse(json).success) return { kind: 'test' };
  const parsed = Notification.safeParse(json);
  if (!parsed.success) return { kind: 'foreign', why: z.prettifyError(parsed.error).slice(0, 500) };
  const objects: ObjectCreated[] = [];
  for (const record of parsed.data.Records) {
    if (!record.eventName.startsWith('ObjectCreated:')) continue;
    try {
      const key = decodeURIComponent(record.s3.object.key.replaceAll('+', ' '));
      objects.push({ bucket: record.s3.bucket.name, key, size: record.s3.object.size ?? null });
    } catch {
      return { kind: 'foreign', why: 'a key is not URL-encoded' };
    }
  }
  return { kind: 'created', objects };
}
