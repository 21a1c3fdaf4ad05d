import type { Logger } from '../log.ts';
import type { readSettings } from '../settings.ts';
import { noTracing, type Tracing } from './tracing.ts';

type TracingSettings = ReturnType<
  typeof readSettings<never, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_HEADERS' | 'OTEL_RESOURCE_ATTRIBUTES'>
>;

/** @param service the name of the process, which a collector shows as the service */
export async function openTracing(settings: TracingSettings, service: string, log: Logger): Promise<Tracing> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers = {} } = settings;
  if (endpoint === undefined) return noTracing;
  // Loaded on demand, because most installations have no collector.
  const { exportSpans } = await import('./export-spans.ts');
  const tracing = exportSpans(
    { url: `${endpoint}/v1/traces`, headers, service, attributes: settings.OTEL_RESOURCE_ATTRIBUTES ?? {} },
    log,
  );
  log.info({ endpoint }, 'exporting traces');
  return tracing;
}
