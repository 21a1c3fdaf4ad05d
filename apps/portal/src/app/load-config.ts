import { PortalConfig } from '../portal-config.ts';
import { texts } from '../ui/texts.ts';

/** The app cannot run. `message` says which settings are wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError */
export function parseConfig(json: unknown): PortalConfig {
  const parsed = PortalConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'config.json'}: ${issue.message}`);
  throw new ConfigError(`${texts.config.malformed} (${faults.join('; ')}).`);
}

/** @throws ConfigError */
export async function loadConfig(): Promise<PortalConfig> {
  let json: unknown;
  try {
    const response = await fetch('/config.json', { signal: AbortSignal.timeout(15_000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    json = await response.json();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${texts.config.missing} (${reason}).`, { cause: error });
  }
  return parseConfig(json);
}
