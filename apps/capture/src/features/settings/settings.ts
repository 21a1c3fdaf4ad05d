import { z } from 'zod';
import type { KeyValueStore } from '../../platform/platform.tsx';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** The operator's settings. Each has a default. */
export const Settings = z.object({
  language: z.enum(['system', 'en', 'de']).catch('system'),
  hand: z.enum(['right', 'left']).catch('right'),
  /** JPEG quality: 0.92 gives about 3 MB at 12 megapixels. */
  quality: z.enum(['normal', 'high']).catch('normal'),
  /** Takes several frames for a photo and keeps the sharpest. */
  burst: z.boolean().catch(false),
  keepOriginals: z.boolean().catch(false),
  originalsOnMetered: z.boolean().catch(true),
  sound: z.boolean().catch(true),
  grid: z.boolean().catch(true),
  ghost: z.boolean().catch(true),
  frameCount: z.number().catch(24),
  siteId: z.string().nullable().catch(null),
  /** A camera that the operator has chosen; null: the one on the back. */
  cameraId: z.string().nullable().catch(null),
  /** Null: the standard list. */
  shotListId: z.string().nullable().catch(null),
});
export type Settings = z.output<typeof Settings>;

export const jpegQuality = { normal: 0.92, high: 0.97 } as const;

/** Settings in memory, with a copy on disk. */
export class SettingsStore {
  readonly #store: KeyValueStore;
  readonly #listeners = new Set<() => void>();
  #settings: Settings;

  private constructor(store: KeyValueStore, settings: Settings) {
    this.#store = store;
    this.#settings = settings;
  }

  static async open(store: KeyValueStore): Promise<SettingsStore> {
    const kept = await store.get('settings');
    return new SettingsStore(store, Settings.parse(typeof kept === 'object' && kept !== null ? kept : {}));
  }

  get = (): Settings => this.#settings;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change(change: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...change };
    // A lost setting can be chosen again, so nothing waits for the write.
    void this.#store.set('settings', this.#settings).catch(() => undefined);
    for (const listener of this.#listeners) listener();
  }
}

export function languageOf(setting: Settings['language'], system: string): Language {
  if (setting !== 'system') return setting;
  return system.toLowerCase().startsWith('de') ? 'de' : 'en';
}
