import { CaptureConfig } from '@spinbay/capture/capture-config.ts';
import { defaultQcThresholds } from '@spinbay/contracts';

/**
 * The installation that this build works with, from `extra` in app.config.ts. The default thresholds apply until the API has
 * sent those of the organization.
 * @throws if the build has no settings
 */
export function nativeConfig(extra: unknown): CaptureConfig {
  const { apiUrl, orgId, siteId } = (extra ?? {}) as Record<string, unknown>;
  return CaptureConfig.parse({
    api_url: apiUrl,
    org_id: orgId ?? null,
    site_id: siteId ?? null,
    qc: defaultQcThresholds,
  });
}
