import { type ComponentType, createContext, useContext } from 'react';
import type { Camera, CameraPort } from './camera.ts';
import type { Drawing } from './drawing.ts';
import type { SpinFrame } from './spin-frame.ts';

/** Small values that outlive the app: credentials, settings. A write that has resolved survives a crash. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

export type FeedbackKind = 'shutter' | 'warning' | 'done';

/** Everything that differs between a browser, iOS and Android. Screens and features know only this. */
export interface Platform {
  /** As the server lists the device. */
  readonly name: 'web' | 'ios' | 'android';
  readonly model: string;
  readonly language: string;
  readonly store: KeyValueStore;
  readonly camera: CameraPort;
  /** Sound and vibration. */
  feedback(kind: FeedbackKind, sound: boolean): void;
  /** Keys that release the shutter: space, enter, volume, a remote. @returns how to stop listening */
  onShutterKey(listener: () => void): () => void;
  /** Keeps the screen on. @returns how to let it sleep again */
  keepAwake(): () => void;
  onNetwork(listener: () => void): () => void;
  isOnline(): boolean;
  randomId(): string;
  /** 32 random bytes as base64url. */
  randomSecret(): string;
  /** Runs one at a time, also across windows of the app. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Asks that what is kept here is not deleted when space gets short. */
  persistStorage(): Promise<boolean>;
  /** An address under which a picture can be shown, and how to give it back. */
  pictureUrl(picture: Blob): { url: string; release(): void };
  /** Hands a photo to the gallery or the downloads of the device. */
  savePhoto(photo: Blob, name: string): void;
  readonly views: {
    readonly Drawing: Drawing;
    readonly CameraPreview: ComponentType<{ readonly camera: Camera }>;
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
