import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../log.ts';
import { countSpans } from './count-spans.ts';
import {
  noTracing,
  type PhotoIds,
  type PhotoTrace,
  type SpanAttributes,
  type SpanName,
  type Tracing,
} from './tracing.ts';

interface ExportOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Spans that wait for their export. A photo has about ten, so this is a burst of 200 photos. */
const maxWaiting = 2_048;
const maxBatch = 512;
const exportEveryMs = 2_000;
const exportTimeoutMs = 5_000;
/** How long a flush may delay the end of a process. */
const flushMs = 1_000;

/** Exports spans by OTLP over HTTP, as JSON. If the collector is down, slow or faulty, only spans are lost. */
export function exportSpans({ url, headers, service, attributes }: ExportOptions, log: Logger): Tracing {
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: exportTimeoutMs });
  const count = countSpans(exporter, maxWaiting, log);
  const ids = createIds();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      ...attributes,
      'service.name': service,
      'service.instance.id': `${hostname()}:${process.pid}`,
    }),
    sampler: new AlwaysOnSampler(),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: count.exporter,
        maxQueueSize: maxWaiting,
        maxExportBatchSize: maxBatch,
        scheduledDelayMillis: exportEveryMs,
        // The exporter gives up earlier.
        exportTimeoutMillis: exportTimeoutMs + 1_000,
      }),
    ],
  });
  const tracer = provider.getTracer('spinbay');
  return {
    photo: (photo) => {
      const root = rootOf(photo);
      if (root === null) return noTracing.photo(photo);
      const context = trace.setSpanContext(ROOT_CONTEXT, { ...root, traceFlags: TraceFlags.SAMPLED, isRemote: true });
      const start = (name: SpanName, within: Context, startTime: Date, own: SpanAttributes) => {
        const options = { kind: SpanKind.INTERNAL, startTime, attributes: { ...attributesOf(photo), ...own } };
        if (name !== 'photo') return tracer.startSpan(name, options, within);
        return ids.withRoot(root, () => tracer.startSpan(name, { ...options, root: true }));
      };
      return traceWithin(context, { start, mayEnd: count.mayAdd });
    },
    // The provider does not wait for an export that is already running.
    flush: () =>
      within(
        flushMs,
        provider.forceFlush().then(() => exporter.forceFlush()),
      ),
    close: () => within(flushMs, provider.shutdown()),
  };
}

interface Recording {
  start(name: SpanName, within: Context, startTime: Date, attributes: SpanAttributes): Span;
  /** Reserves room for a span. @returns false if there is none; the span is then lost */
  mayEnd(): boolean;
}

function traceWithin(context: Context, recording: Recording): PhotoTrace {
  const end = (span: Span, at: Date) => {
    if (recording.mayEnd()) span.end(at);
  };
  return {
    span: async (name, work, attributes = {}) => {
      const span = recording.start(name, context, new Date(), attributes);
      try {
        return await work(traceWithin(trace.setSpan(context, span), recording));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', nameOf(error));
        throw error;
      } finally {
        end(span, new Date());
      }
    },
    record: (name, from, to, attributes = {}) => {
      // The times may come from two machines whose clocks differ.
      const start = from > to ? to : from;
      end(recording.start(name, context, start, attributes), to);
    },
  };
}

function attributesOf({ orgId, sessionId, imageId }: PhotoIds): SpanAttributes {
  return { 'spinbay.org_id': orgId, 'spinbay.session_id': sessionId, 'spinbay.image_id': imageId };
}

/** The code or the class of an error. Its message may contain keys and addresses, which must not be exported. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}

type RootIds = { readonly traceId: string; readonly spanId: string };

/** Derives both ids from the id of the image. Null if the span id would be all zeros, which is not allowed. */
function rootOf({ imageId }: PhotoIds): RootIds | null {
  const traceId = imageId.replaceAll('-', '');
  const spanId = traceId.slice(16);
  return /^0+$/.test(spanId) ? null : { traceId, spanId };
}

/** Generates random ids, except for the root spans of photos. */
function createIds(): IdGenerator & { withRoot(root: RootIds, start: () => ReturnType<Tracer['startSpan']>): Span } {
  const random = new RandomIdGenerator();
  let next: RootIds | null = null;
  return {
    generateTraceId: () => next?.traceId ?? random.generateTraceId(),
    generateSpanId: () => next?.spanId ?? random.generateSpanId(),
    withRoot: (root, start) => {
      next = root;
      try {
        return start();
      } finally {
        next = null;
      }
    },
  };
}

/** Resolves when the work has ended, or after `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const timeout = sleep(ms, undefined, { signal: over.signal });
  // The failure of an export was already counted.
  await Promise.race([work, timeout]).catch(() => undefined);
  over.abort();
  await timeout.catch(() => undefined);
}
