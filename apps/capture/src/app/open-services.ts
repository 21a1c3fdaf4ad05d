import { type Client, createClient } from '@spinbay/client';
import type { Outbox } from '@spinbay/outbox';
import type { CaptureConfig } from '../capture-config.ts';
import { authorizedClient } from '../features/auth/authorized-client.ts';
import { DeviceAuth } from '../features/auth/device-auth.ts';
import { openQcRules } from '../features/camera/qc-rules.ts';
import { reportConnection } from '../features/outbox/report-connection.ts';
import type { Services } from '../features/services.tsx';
import { openOwnShotLists } from '../features/session/own-shot-lists.ts';
import { openSiteList } from '../features/session/site-list.ts';
import { SettingsStore } from '../features/settings/settings.ts';
import type { Picture } from '../platform/picture.ts';
import type { Platform } from '../platform/platform.tsx';

export interface ServicesOptions {
  readonly platform: Platform;
  readonly config: CaptureConfig;
  readonly appVersion: string;
  readonly openOutbox: (client: Client, auth: DeviceAuth) => Promise<Outbox<Picture>>;
}

/** Opens the services of the app. When this resolves, the outbox is already sending. */
export async function openServices({ platform, config, appVersion, openOutbox }: ServicesOptions): Promise<Services> {
  const settings = await SettingsStore.open(platform.store);
  const auth = await DeviceAuth.open({ platform, api: config.api_url, orgId: config.org_id, appVersion });
  const client = createClient({ baseUrl: config.api_url, token: () => auth.token() });
  const ownClient = authorizedClient(client, auth);
  const outbox = await openOutbox(client, auth);
  const { keepOriginals, originalsOnMetered } = settings.get();
  // A full device must start too, because sending its photos frees storage.
  await outbox.settings({ keepOriginals, originalsOnMetered }).catch(() => undefined);
  outbox.start();
  // Not awaited, because no screen depends on the event.
  void reportConnection(outbox, auth, platform, appVersion);
  const sites = await openSiteList(platform.store, ownClient);
  const shotLists = await openOwnShotLists(platform.store, ownClient);
  const qcRules = await openQcRules(platform.store, ownClient, config.qc);
  return { config, auth, client: ownClient, outbox, settings, sites, shotLists, qcRules, appVersion };
}
