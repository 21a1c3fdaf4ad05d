import type { GreyPicture } from '@spinbay/imaging/kernels';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import {
  type Camera,
  CameraError,
  type CameraFault,
  type CameraLock,
  type CameraPort,
  type ShootOptions,
} from './camera.ts';
import { createDarkroom, type Darkroom } from './darkroom.web.ts';
import { untilStarted } from './first-picture.ts';
import { lockLight, unlockLight } from './light-lock.web.ts';

const faults: Readonly<Record<string, CameraFault>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

export const webCamera: CameraPort = {
  async open(id) {
    if (!window.isSecureContext) throw new CameraError('insecure');
    if (navigator.mediaDevices?.getUserMedia === undefined) throw new CameraError('unsupported');
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: {
          ...(id === null ? { facingMode: { ideal: 'environment' } } : { deviceId: { ideal: id } }),
          width: { ideal: 4096 },
          height: { ideal: 3072 },
          // For a turning car, sharp frames matter more than many frames.
          frameRate: { ideal: 30 },
        },
      });
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      throw new CameraError(faults[name] ?? 'busy', { cause: error });
    }
    const camera = new WebCamera(stream);
    try {
      await untilStarted(camera.start(), () => document.hidden);
      return camera;
    } catch (error) {
      camera.close();
      throw error instanceof CameraError ? error : new CameraError('busy', { cause: error });
    }
  },
  async list() {
    const devices = await navigator.mediaDevices?.enumerateDevices();
    return (devices ?? [])
      .filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
      .map(({ deviceId: id, label }) => ({ id, label }));
  },
};

/** Below this many frames per second a burst takes too long: the car moves on, and the operator waits. */
const slowestBurst = 10;
/** The longest time to wait for a frame of a burst, in ms. */
const longestFrame = 1000 / slowestBurst;

/**
 * A camera that sends no pictures for this long counts as stopped, in ms. Browsers mute a camera that another program or a
 * phone call takes, and also for a moment when the operator returns to the page.
 */
const longestMute = 3_000;

export class WebCamera implements Camera {
  readonly video = document.createElement('video');
  readonly #track: MediaStreamTrack;
  readonly #darkroom: Darkroom = createDarkroom();
  readonly #glance = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  readonly #stopListeners = new Set<() => void>();
  #closed = false;
  #mute: ReturnType<typeof setTimeout> | undefined;

  constructor(stream: MediaStream) {
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new CameraError('missing');
    this.#track = track;
    this.video.srcObject = stream;
    this.video.muted = true;
    this.video.playsInline = true;
    track.addEventListener('ended', () => this.#stopped());
    track.addEventListener('mute', () => this.#awaitPictures());
    track.addEventListener('unmute', () => clearTimeout(this.#mute));
  }

  #stopped(): void {
    if (!this.#closed) for (const listener of this.#stopListeners) listener();
  }

  #awaitPictures(): void {
    clearTimeout(this.#mute);
    // In the background every camera may be muted.
    this.#mute = setTimeout(() => (document.hidden ? this.#awaitPictures() : this.#stopped()), longestMute);
  }

  async start(): Promise<void> {
    await this.video.play();
    if (this.video.videoWidth > 0) return;
    await new Promise((resolve) => this.video.addEventListener('resize', resolve, { once: true }));
  }

  get id(): string | null {
    return this.#track.getSettings().deviceId ?? null;
  }
  get label(): string {
    return this.#track.label;
  }
  get width(): number {
    return this.video.videoWidth;
  }
  get height(): number {
    return this.video.videoHeight;
  }

  readonly canGlance = true;

  get isLive(): boolean {
    return !this.#closed && this.#track.readyState === 'live' && !this.#track.muted;
  }

  get canBurst(): boolean {
    return (this.#track.getSettings().frameRate ?? 0) >= slowestBurst;
  }

  async shoot({ quality, previewSide, frames: wanted }: ShootOptions) {
    const capturedAt = new Date();
    const frames = [await createImageBitmap(this.video)];
    while (frames.length < wanted) {
      await this.#nextFrame();
      // If a later frame fails, the photo is one of those before it.
      const frame = await createImageBitmap(this.video).catch((error: unknown) => {
        console.warn('A frame of the burst could not be taken.', error);
        return null;
      });
      if (frame === null) break;
      frames.push(frame);
    }
    return { capturedAt, ...this.#darkroom.develop(frames, { quality, previewSide, capturedAt }) };
  }

  /** Resolves with the camera's next frame, or after a short time if the browser does not report frames. */
  async #nextFrame(): Promise<void> {
    let callback: number | undefined;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, longestFrame);
      callback = this.video.requestVideoFrameCallback?.(() => resolve());
    });
    if (callback !== undefined) this.video.cancelVideoFrameCallback(callback);
  }

  lock(): Promise<CameraLock> {
    return lockLight(this.#track);
  }

  unlock(): Promise<void> {
    return unlockLight(this.#track);
  }

  glance(): GreyPicture | null {
    const context = this.#glance;
    if (context === null || this.video.readyState < 2 || this.width === 0) return null;
    const width = 64;
    const height = Math.max(1, Math.round((width * this.height) / this.width));
    context.canvas.width = width;
    context.canvas.height = height;
    context.drawImage(this.video, 0, 0, width, height);
    const { data: rgba } = context.getImageData(0, 0, width, height);
    const data = new Uint8Array(width * height);
    for (let i = 0; i < data.length; i++) {
      const at = i * 4;
      data[i] = ((rgba[at] ?? 0) * 77 + (rgba[at + 1] ?? 0) * 150 + (rgba[at + 2] ?? 0) * 29) >> 8;
    }
    return { data, width, height };
  }

  onStopped(listener: () => void): () => void {
    this.#stopListeners.add(listener);
    return () => this.#stopListeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#mute);
    this.#track.stop();
    this.video.srcObject = null;
    this.#darkroom.close();
  }
}

interface WebCameraPreviewProps {
  readonly camera: Camera;
  readonly children?: ReactNode;
}

export function WebCameraPreview({ camera, children }: WebCameraPreviewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [{ width, height }, setSize] = useState({ width: camera.width, height: camera.height });
  useEffect(() => {
    if (!(camera instanceof WebCamera) || place.current === null) return;
    const { video } = camera;
    Object.assign(video.style, { width: '100%', height: '100%', objectFit: 'contain', display: 'block' });
    place.current.prepend(video);
    // Turning the phone turns the picture, too.
    const onResize = () => setSize({ width: video.videoWidth, height: video.videoHeight });
    onResize();
    video.addEventListener('resize', onResize);
    // A video element stops when it moves to another place in the page.
    void video.play().catch(() => undefined);
    return () => {
      video.removeEventListener('resize', onResize);
      video.remove();
    };
  }, [camera]);
  // The place of the picture in the video element, see `objectFit` above.
  const picture = {
    width: `min(100cqw, ${(100 * width) / height}cqh)`,
    height: `min(100cqh, ${(100 * height) / width}cqw)`,
  };
  return (
    <div ref={place} aria-hidden="true" style={{ position: 'absolute', inset: 0, containerType: 'size' }}>
      <div style={{ position: 'absolute', inset: 0, margin: 'auto', pointerEvents: 'none', ...picture }}>
        {children}
      </div>
    </div>
  );
}
