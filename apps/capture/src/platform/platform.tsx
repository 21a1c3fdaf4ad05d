import { type ComponentType, createContext, type ReactNode, useContext } from 'react';
import type { Camera, CameraPort } from './camera.ts';
import type { CodeReaderPort } from './code-reader.ts';
import type { Dialog } from './dialog.ts';
import type { Drawing } from './drawing.ts';
import type { Picture } from './picture.ts';
import type { SpinFrame } from './spin-frame.ts';

/** Persistent small values. A resolved write survives a crash. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

export type FeedbackKind = 'shutter' | 'warning' | 'done';

/** The result of saving a photo. `not_allowed`: the operator or the system does not permit it. */
export type SaveOutcome =
  | { readonly state: 'saved' | 'not_allowed' }
  /** `reason` is a message of the system. */
  | { readonly state: 'failed'; readonly reason: string };

/** Everything that differs between browsers, iOS and Android. Screens and features use only this. */
export interface Platform {
  /** The device as listed on the server. */
  readonly name: 'web' | 'ios' | 'android';
  readonly model: string;
  readonly language: string;
  readonly store: KeyValueStore;
  /** For credentials: the Keychain or Keystore of a phone. */
  readonly secrets: KeyValueStore;
  readonly camera: CameraPort;
  readonly codes: CodeReaderPort;
  /** Sound and vibration. */
  feedback(kind: FeedbackKind, sound: boolean): void;
  /** Keys that release the shutter: space, enter, volume, a remote. @returns a function that stops listening */
  onShutterKey(listener: () => void): () => void;
  /**
   * Reports how far the device is turned from level, in degrees, or null if it lies flat. Reports nothing without a sensor,
   * or if the browser forbids it.
   * @returns a function that stops listening
   */
  watchTilt(listener: (degrees: number | null) => void): () => void;
  /** Keeps the screen on. @returns a function that ends this */
  keepAwake(): () => void;
  /** Whether photos are also sent while the app is closed. */
  readonly sendsInBackground: boolean;
  /** Asks the operator before the page is closed while `isBusy` returns true. @returns a function that ends this */
  askBeforeLeaving(isBusy: () => boolean): () => void;
  onNetwork(listener: () => void): () => void;
  isOnline(): boolean;
  randomId(): string;
  /** 32 random bytes as base64url. */
  randomSecret(): string;
  /** Runs functions one at a time, even across windows of the app. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Asks the system not to delete the app's data when storage is low. */
  persistStorage(): Promise<boolean>;
  /** Whether an error at the start means that the device refuses to store anything. */
  isStorageFault(error: unknown): boolean;
  /** A URL for showing a picture, and a function that revokes it. */
  pictureUrl(picture: Picture): { url: string; release(): void };
  /** Saves a photo to the gallery or the downloads of the device. Never rejects. */
  savePhoto(photo: Picture, name: string): Promise<SaveOutcome>;
  readonly views: {
    readonly Drawing: Drawing;
    readonly Dialog: Dialog;
    /** The children lie over the picture. In a browser they have exactly its place and size. */
    readonly CameraPreview: ComponentType<{ readonly camera: Camera; readonly children?: ReactNode }>;
    readonly Spin: ComponentType<{
      readonly frames: readonly SpinFrame[];
      readonly turntable: 'clockwise' | 'counterclockwise';
      readonly language: string;
      readonly label: string;
    }>;
  };
}

export const PlatformContext = createContext<Platform | null>(null);

export function usePlatform(): Platform {
  const platform = useContext(PlatformContext);
  if (platform === null) throw new Error('there is no PlatformContext around this');
  return platform;
}
