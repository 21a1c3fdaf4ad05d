import { CaptureConfig } from '../capture-config.ts';

/** @throws if the configuration cannot be loaded or is invalid; never a `DOMException`, which would mean a storage fault */
export async function loadConfig(): Promise<CaptureConfig> {
  return CaptureConfig.parse(await fetchConfig());
}

async function fetchConfig(): Promise<unknown> {
  try {
    const response = await fetch(new URL('config.json', document.baseURI), { signal: AbortSignal.timeout(15_000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (cause) {
    throw new Error(`config.json: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
