import type { ImageId, OrgId, SessionId } from '@spinbay/contracts';

/** The spans of a photo. Queries and dashboards of collectors name them, so a new name is a breaking change. */
export type SpanName =
  /** The root: from the first presign until the frame is visible. */
  | 'photo'
  | 'presign'
  | 'wait in queue'
  | 'process upload'
  | 'download'
  | 'record upload'
  | 'measure'
  | 'store thumbnails'
  | 'commit'
  /** From the time when the frame became visible until a gallery of a person first shows it. */
  | 'show';

export interface PhotoIds {
  readonly orgId: OrgId;
  readonly sessionId: SessionId;
  readonly imageId: ImageId;
}

/** The values are ids, counts and fixed words, never file names, tokens, keys or error messages. */
export type SpanAttributes = Readonly<Record<`spinbay.${string}`, string | number>>;

/** The trace of a photo, or a span of it to which others belong. */
export interface PhotoTrace {
  /** Runs a part of the work as a span. If it throws, the span gets the status error and the code or class of the error. */
  span<T>(name: SpanName, work: (within: PhotoTrace) => Promise<T>, attributes?: SpanAttributes): Promise<T>;
  /** Records a span that has ended. */
  record(name: SpanName, from: Date, to: Date, attributes?: SpanAttributes): void;
}

export interface Tracing {
  /** The trace of a photo. Every process derives its id from the image, so no context has to pass through S3 and SQS. */
  photo(ids: PhotoIds): PhotoTrace;
  /** Sends the recorded spans, in bounded time. Never rejects. */
  flush(): Promise<void>;
  /** Sends the recorded spans, as `flush` does, and then records nothing more. */
  close(): Promise<void>;
}

const noTrace: PhotoTrace = { span: (_, work) => work(noTrace), record: () => {} };

/** Records nothing. */
export const noTracing: Tracing = { photo: () => noTrace, flush: async () => {}, close: async () => {} };
