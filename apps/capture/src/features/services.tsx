import type { Client } from '@spinbay/client';
import type { QcThresholds } from '@spinbay/contracts';
import type { Outbox, OutboxState } from '@spinbay/outbox';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CaptureConfig } from '../capture-config.ts';
import type { Picture } from '../platform/picture.ts';
import type { AuthState, DeviceAuth } from './auth/device-auth.ts';
import type { QcRules } from './camera/qc-rules.ts';
import type { OwnLists, OwnShotLists } from './session/own-shot-lists.ts';
import type { SiteList, Sites } from './session/site-list.ts';
import type { Settings, SettingsStore } from './settings/settings.ts';

/** Services that exist as long as the app. */
export interface Services {
  readonly config: CaptureConfig;
  readonly auth: DeviceAuth;
  readonly client: Client;
  readonly outbox: Outbox<Picture>;
  readonly settings: SettingsStore;
  readonly sites: SiteList;
  readonly shotLists: OwnShotLists;
  readonly qcRules: QcRules;
  readonly appVersion: string;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('there is no ServicesContext around this');
  return services;
}

export function useAuthState(): AuthState {
  const { auth } = useServices();
  return useSyncExternalStore(auth.subscribe, auth.state);
}

export function useSettings(): Settings {
  const { settings } = useServices();
  return useSyncExternalStore(settings.subscribe, settings.get);
}

export function useSites(): Sites {
  const { sites } = useServices();
  return useSyncExternalStore(sites.subscribe, sites.get);
}

export function useShotLists(): OwnLists {
  const { shotLists } = useServices();
  return useSyncExternalStore(shotLists.subscribe, shotLists.get);
}

export function useQcRules(): QcThresholds {
  const { qcRules } = useServices();
  return useSyncExternalStore(qcRules.subscribe, qcRules.get);
}

export function useOutboxState(): OutboxState {
  const { outbox } = useServices();
  return useSyncExternalStore(subscribeTo(outbox), () => outbox.state());
}

/** The `subscribe` function of each outbox, created once: React subscribes again whenever it gets another function. */
const subscriptions = new WeakMap<Outbox<Picture>, (listener: () => void) => () => void>();
function subscribeTo(outbox: Outbox<Picture>): (listener: () => void) => () => void {
  const known = subscriptions.get(outbox) ?? ((listener: () => void) => outbox.subscribe(listener));
  subscriptions.set(outbox, known);
  return known;
}
