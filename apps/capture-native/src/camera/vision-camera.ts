import { watchShot } from '@spinbay/capture/features/camera/watch-shot.ts';
import {
  type Camera,
  CameraError,
  type CameraLock,
  type CameraPort,
  type LockState,
  type ShootOptions,
  type Shot,
} from '@spinbay/capture/platform/camera.ts';
import { untilStarted } from '@spinbay/capture/platform/first-picture.ts';
import type { GreyPicture } from '@spinbay/imaging/kernels';
import type { Image } from 'react-native-nitro-image';
import type {
  CameraController,
  CameraFactory,
  CameraOutput,
  CameraPhotoOutput,
  CameraPreviewOutput,
  CameraSession,
  OrientationManager,
} from 'react-native-vision-camera';
import type { Darkroom } from './darkroom';
import { greyOf } from './pixels';

export interface VisionCameraOptions {
  readonly factory: CameraFactory;
  readonly darkroom: Darkroom;
  readonly os: 'ios' | 'android';
}

/** 12 megapixels. The camera uses the nearest resolution that it supports. */
const wantedResolution = { width: 4032, height: 3024 };
/** The quality "normal" in the settings. Another quality needs a new configuration of the session. */
const firstQuality = 0.92;
const glanceWidth = 64;
const lockFailed = 'The light could not be locked.';

/** The camera of react-native-vision-camera. */
export function visionCamera(options: VisionCameraOptions): CameraPort {
  // A phone has one camera on its back, which combines its lenses.
  return { open: () => openCamera(options), list: async () => [] };
}

async function openCamera({ factory, darkroom, os }: VisionCameraOptions): Promise<Camera> {
  if (factory.cameraPermissionStatus === 'not-determined') await factory.requestCameraPermission();
  if (factory.cameraPermissionStatus !== 'authorized') throw new CameraError('denied');
  const device = (await factory.createDeviceFactory()).getDefaultCamera('back');
  if (device === undefined) throw new CameraError('missing');
  let camera: VisionCamera | null = null;
  try {
    const session = await factory.createCameraSession(false);
    camera = new VisionCamera({ factory, darkroom, os }, session, factory.createPreviewOutput());
    await untilStarted(camera.start());
    return camera;
  } catch (cause) {
    camera?.close();
    throw cause instanceof CameraError ? cause : new CameraError('busy', { cause });
  }
}

/** The part of the preview on the screen that the camera uses. */
interface PreviewSnapshots {
  takeSnapshot(): Promise<Image>;
}

export class VisionCamera implements Camera {
  readonly id = null;
  /** A capture takes too long for bursts. */
  readonly canBurst = false;
  /** The library can take snapshots of its preview only on Android. */
  readonly canGlance: boolean;
  readonly previewOutput: CameraPreviewOutput;
  readonly #options: VisionCameraOptions;
  readonly #session: CameraSession;
  readonly #orientation: OrientationManager;
  readonly #subscriptions: { remove(): void }[] = [];
  readonly #stopListeners = new Set<() => void>();
  readonly #captures = new Set<Promise<unknown>>();
  readonly #furtherOutputs: CameraOutput[] = [];
  #controller: CameraController | null = null;
  #photos: CameraPhotoOutput | null = null;
  #quality = firstQuality;
  #preview: PreviewSnapshots | null = null;
  #glance: GreyPicture | null = null;
  #glancing = false;
  #closed = false;

  constructor(options: VisionCameraOptions, session: CameraSession, previewOutput: CameraPreviewOutput) {
    this.#options = options;
    this.#session = session;
    this.previewOutput = previewOutput;
    this.canGlance = options.os === 'android';
    this.#orientation = options.factory.createOrientationManager('device');
    this.#orientation.startOrientationUpdates(() => this.#turnOutputs());
    const stopped = () => {
      if (!this.#closed) for (const listener of this.#stopListeners) listener();
    };
    this.#subscriptions.push(session.addOnErrorListener(stopped), session.addOnInterruptionStartedListener(stopped));
  }

  async start(): Promise<void> {
    await this.configure(firstQuality);
    await this.#session.start();
    // The caller has given up in the meantime.
    if (this.#closed) this.#stopWhenIdle();
  }

  /** Connects the camera with its outputs. This ends a lock. */
  async configure(quality: number): Promise<void> {
    const { factory } = this.#options;
    const photos = factory.createPhotoOutput({
      targetResolution: wantedResolution,
      // HEIC throws on Android, and the workers decode JPEG faster.
      containerFormat: 'jpeg',
      quality,
      qualityPrioritization: 'balanced',
    });
    const outputs = [this.previewOutput, photos, ...this.#furtherOutputs].map((output) => ({
      output,
      mirrorMode: 'off' as const,
    }));
    const [controller] = await this.#session.configure([{ input: 'back', outputs, constraints: [] }]);
    if (controller === undefined) throw new Error('the session has no camera');
    this.#controller = controller;
    this.#photos = photos;
    this.#quality = quality;
    this.#turnOutputs();
  }

  /** Connects a further output, which receives the pictures of the camera. */
  async addOutput(output: CameraOutput): Promise<void> {
    this.#furtherOutputs.push(output);
    await this.configure(this.#quality);
  }

  get label(): string {
    const { localizedName = '', modelID = '' } = this.#controller?.device ?? {};
    return localizedName || modelID || 'camera';
  }
  get width(): number {
    return this.#photos?.currentResolution?.width ?? wantedResolution.width;
  }
  get height(): number {
    return this.#photos?.currentResolution?.height ?? wantedResolution.height;
  }

  get isLive(): boolean {
    return !this.#closed;
  }

  async shoot({ quality, previewSide }: ShootOptions): Promise<Shot> {
    if (quality !== this.#quality) await this.configure(quality);
    if (this.#photos === null) throw new Error('the camera is closed');
    const capturedAt = new Date();
    const capture = this.#photos.capturePhoto({ flashMode: 'off', enableShutterSound: true }, {});
    this.#captures.add(capture);
    const ended = () => {
      if (this.#captures.delete(capture) && this.#closed) this.#stopWhenIdle();
    };
    // A capture that never ends does not keep the camera running after it was closed.
    watchShot(capture, ended);
    const taken = await capture.finally(ended);
    return {
      capturedAt,
      burst: Promise.resolve(null),
      ...this.#options.darkroom.develop(taken, { previewSide, capturedAt }),
    };
  }

  async lock(): Promise<CameraLock> {
    const controller = this.#controller;
    if (controller === null) return { exposure: 'failed', white_balance: 'failed' };
    return this.#options.os === 'ios' ? lockNow(controller) : this.#meter(controller);
  }

  /** Holds the metering on Android, where the state of the camera cannot be read afterwards. */
  async #meter(controller: CameraController): Promise<CameraLock> {
    const { supportsExposureMetering, supportsWhiteBalanceMetering } = controller.device;
    const modes = [
      ...(supportsExposureMetering ? (['AE'] as const) : []),
      ...(supportsWhiteBalanceMetering ? (['AWB'] as const) : []),
    ];
    let state: LockState = 'locked';
    try {
      const centre = this.#options.factory.createNormalizedMeteringPoint(0.5, 0.5);
      if (modes.length > 0) await controller.focusTo(centre, { modes, adaptiveness: 'locked', autoResetAfter: null });
    } catch (error) {
      console.warn(lockFailed, error);
      state = 'failed';
    }
    return {
      exposure: supportsExposureMetering ? state : 'unsupported',
      white_balance: supportsWhiteBalanceMetering ? state : 'unsupported',
    };
  }

  async unlock(): Promise<void> {
    await this.#controller?.resetFocus().catch(() => undefined);
  }

  /** Connects the preview on the screen. Null: it was removed. */
  attach(preview: PreviewSnapshots | null): void {
    this.#preview = preview;
  }

  /** Returns each snapshot once. The same one again would look like a turntable that stands still. */
  glance(): GreyPicture | null {
    const glance = this.#glance;
    this.#glance = null;
    void this.#takeGlance();
    return glance;
  }

  async #takeGlance(): Promise<void> {
    const preview = this.#preview;
    if (this.#glancing || !this.canGlance || preview === null) return;
    this.#glancing = true;
    try {
      const image = await preview.takeSnapshot();
      const height = Math.max(1, Math.round((glanceWidth * image.height) / image.width));
      const small = await image.resizeAsync(glanceWidth, height).finally(() => image.dispose());
      try {
        this.#glance = greyOf(await small.toRawPixelDataAsync());
      } finally {
        small.dispose();
      }
    } catch {
      // The preview has just started, or was just removed.
    } finally {
      this.#glancing = false;
    }
  }

  onStopped(listener: () => void): () => void {
    this.#stopListeners.add(listener);
    return () => this.#stopListeners.delete(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#preview = null;
    this.#photos = null;
    this.#orientation.stopOrientationUpdates();
    for (const subscription of this.#subscriptions) subscription.remove();
    this.#stopWhenIdle();
  }

  /** A photo whose shutter was pressed before the camera closed is completed first. */
  #stopWhenIdle(): void {
    if (this.#captures.size === 0) void this.#session.stop().catch(() => undefined);
  }

  #turnOutputs(): void {
    const turned = this.#orientation.currentOrientation;
    if (turned === undefined) return;
    // Only the photo: the preview follows the orientation of the screen automatically.
    if (this.#photos !== null) this.#photos.outputOrientation = turned;
  }
}

async function lockNow(controller: CameraController): Promise<CameraLock> {
  const { supportsExposureLocking, supportsWhiteBalanceLocking } = controller.device;
  const attempt = async (
    supported: boolean,
    lock: () => Promise<void>,
    isLocked: () => boolean,
  ): Promise<LockState> => {
    if (!supported) return 'unsupported';
    try {
      await lock();
    } catch (error) {
      console.warn(lockFailed, error);
      return 'failed';
    }
    return isLocked() ? 'locked' : 'failed';
  };
  return {
    exposure: await attempt(
      supportsExposureLocking,
      () => controller.lockCurrentExposure(),
      () => controller.exposureMode === 'locked',
    ),
    white_balance: await attempt(
      supportsWhiteBalanceLocking,
      () => controller.lockCurrentWhiteBalance(),
      () => controller.whiteBalanceMode === 'locked',
    ),
  };
}
