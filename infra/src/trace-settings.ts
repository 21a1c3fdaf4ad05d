import type { Environment } from './environment.ts';

/** The settings for traces of a process. Empty without a collector. */
export function traceSettings({ name, traces }: Environment): Readonly<Record<string, string>> {
  if (traces === undefined) return {};
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.collector,
    OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${name}`,
  };
}
