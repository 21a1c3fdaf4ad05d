import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../log.ts';

/** The shortest time between two warnings, so that a collector that is down does not fill the log. */
const warnEveryMs = 10 * 60_000;

/**
 * Counts the spans that wait for their export, drops those for which there is no room, and logs how many were lost. An
 * export always looks successful to the caller, which would otherwise log each failure with the reply of the collector.
 */
export function countSpans(inner: SpanExporter, maxWaiting: number, log: Logger) {
  let waiting = 0;
  let lost = 0;
  let warnedAt = -Infinity;
  const lose = (spans: number, reason: string) => {
    lost += spans;
    if (performance.now() - warnedAt < warnEveryMs) return;
    warnedAt = performance.now();
    log.warn({ reason, spans: lost }, 'spans cannot be exported and are lost; photos are not affected');
    lost = 0;
  };
  const exporter: SpanExporter = {
    export: (spans, done) => {
      waiting -= spans.length;
      inner.export(spans, ({ code, error }) => {
        if (code !== 0) lose(spans.length, reasonOf(error));
        done({ code: 0 });
      });
    },
    shutdown: () => inner.shutdown(),
  };
  return {
    exporter,
    /** Reserves room for a span. Returns false if there is none. */
    mayAdd: () => {
      if (waiting >= maxWaiting) {
        lose(1, 'the collector is too slow');
        return false;
      }
      waiting += 1;
      return true;
    },
  };
}

/** If connections to several addresses failed, the error has a code and no message. */
function reasonOf(error: NodeJS.ErrnoException | undefined): string {
  return error?.message || error?.code || 'the collector refuses them';
}
