import { CaptureConfig } from '../capture-config.ts';

/** @throws if the configuration cannot be loaded or is invalid */
export async function loadConfig(): Promise<CaptureConfig> {
  const response = await fetch(new URL('config.json', document.baseURI), { signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`config.json: status ${response.status}`);
  return CaptureConfig.parse(await response.json());
}
