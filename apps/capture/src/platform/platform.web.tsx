import { tiltOf } from '../photo/tilt.ts';
import { WebCameraPreview, webCamera } from './camera.web.tsx';
import { webCodeReader } from './code-reader.web.ts';
import { WebDialog } from './dialog.web.tsx';
import { WebDrawing } from './drawing.web.tsx';
import { webFeedback } from './feedback.web.ts';
import { openKeyValueStore } from './key-value.web.ts';
import { objectUrl } from './object-url.web.ts';
import type { Platform } from './platform.tsx';
import { watchShutterKey } from './shutter-key.web.ts';
import { WebSpin } from './spin.web.tsx';

/** A browser has nothing like a Keychain: see docs/decisions/0016-credentials-in-a-browser.md. */
const store = openKeyValueStore('spinbay-capture');

export const webPlatform: Platform = {
  name: 'web',
  model: modelOf(navigator.userAgent),
  language: navigator.language,
  store,
  secrets: store,
  camera: webCamera,
  codes: webCodeReader,
  feedback: webFeedback,

  onShutterKey: watchShutterKey,

  watchTilt(listener) {
    const onMotion = ({ accelerationIncludingGravity: gravity }: DeviceMotionEvent) => {
      // A laptop has the event, but no values.
      if (gravity?.x != null && gravity.y != null) listener(tiltOf(gravity.x, gravity.y, gravity.z ?? 0));
    };
    window.addEventListener('devicemotion', onMotion);
    return () => window.removeEventListener('devicemotion', onMotion);
  },

  keepAwake() {
    let ended = false;
    let lock: WakeLockSentinel | undefined;
    const hold = async () => {
      if (ended || document.visibilityState !== 'visible') return;
      // Refused when the battery is low: the screen then turns off as usual.
      lock = await navigator.wakeLock?.request('screen').catch(() => undefined);
      if (ended) void lock?.release();
    };
    document.addEventListener('visibilitychange', hold);
    void hold();
    return () => {
      ended = true;
      document.removeEventListener('visibilitychange', hold);
      void lock?.release();
    };
  },

  sendsInBackground: false,
  askBeforeLeaving(isBusy) {
    // The browser shows its own words. It asks only on a page that was used, and phones do not ask at all.
    const ask = (event: BeforeUnloadEvent) => {
      if (isBusy()) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  },
  onNetwork(listener) {
    window.addEventListener('online', listener);
    window.addEventListener('offline', listener);
    return () => {
      window.removeEventListener('online', listener);
      window.removeEventListener('offline', listener);
    };
  },
  isOnline: () => navigator.onLine,

  randomId: () => crypto.randomUUID(),
  randomSecret() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  },
  exclusive: async (name, work) => await navigator.locks.request(`spinbay-${name}`, () => work()),
  persistStorage: async () => (await navigator.storage?.persist?.().catch(() => false)) ?? false,

  // In some private windows and if storage is disabled, IndexedDB fails or is missing.
  isStorageFault: (error) => error instanceof DOMException || !globalThis.indexedDB,

  pictureUrl: (picture: Blob) => objectUrl(picture),
  async savePhoto(photo: Blob, name) {
    // Long, because the browser reads the bytes only after the operator has chosen where to save them.
    const { url, release } = objectUrl(photo, 60_000);
    const link = Object.assign(document.createElement('a'), { href: url, download: name });
    link.click();
    release();
    // The browser shows the download. It asks for permission itself if necessary.
    return { state: 'saved' };
  },

  views: { Drawing: WebDrawing, Dialog: WebDialog, CameraPreview: WebCameraPreview, Spin: WebSpin },
};

/** `Android, Chrome 141`: enough to tell one phone from another in a list. */
function modelOf(userAgent: string): string {
  const system = /iPhone|iPad|Android|Windows|Macintosh|CrOS|Linux/.exec(userAgent)?.[0] ?? 'Browser';
  const phone = /Android [^;)]*; ([^;)]+)[;)]/.exec(userAgent)?.[1];
  const browser = /(Firefox|Edg|Chrome|Version)\/(\d+)/.exec(userAgent);
  const name = browser?.[1] === 'Version' ? 'Safari' : browser?.[1] === 'Edg' ? 'Edge' : browser?.[1];
  return [phone && phone !== 'K' ? `${system} (${phone})` : system, name && `${name} ${browser?.[2]}`]
    .filter(Boolean)
    .join(', ');
}
