import type { BurstPick, GreyPicture, QualityMeasures } from '@spinbay/imaging/kernels';
import type { Light } from '../photo/light.ts';
import type { Picture } from './picture.ts';

/**
 * - `denied`: the operator or the system refused access
 * - `missing`: there is no camera
 * - `busy`: another program uses it
 * - `silent`: it has opened, but sends no picture
 * - `insecure`: browsers allow the camera only for HTTPS and localhost
 * - `unsupported`: this browser has no camera interface
 */
export type CameraFault = 'denied' | 'missing' | 'busy' | 'silent' | 'insecure' | 'unsupported';

export class CameraError extends Error {
  override readonly name = 'CameraError';
  readonly fault: CameraFault;

  constructor(fault: CameraFault, options?: ErrorOptions) {
    super(`the camera cannot be used: ${fault}`, options);
    this.fault = fault;
  }
}

export type LockState = 'locked' | 'unsupported' | 'failed';
export interface CameraLock {
  readonly exposure: LockState;
  readonly white_balance: LockState;
}

/** The measures of a copy with a long side of 1600 pixels, and the light around the car. */
export interface PhotoMeasures extends Omit<QualityMeasures, 'reduced'> {
  readonly surround: Light;
}

export interface Photo {
  readonly original: Picture;
  /** A smaller copy of the picture. */
  readonly preview: Picture;
  readonly width: number;
  readonly height: number;
}

/** A press of the shutter. Its frames are in memory; the other results follow. */
export interface Shot {
  /** When the first frame was taken. */
  readonly capturedAt: Date;
  /** The sharpest frame of the burst, and the measures of all. Null for a single frame. */
  readonly burst: Promise<BurstPick | null>;
  readonly photo: Promise<Photo>;
  /** Null if they could not be measured. */
  readonly measures: Promise<PhotoMeasures | null>;
}

export interface ShootOptions {
  /** JPEG quality, 0-1. */
  readonly quality: number;
  /** Long side of the preview, in pixels. */
  readonly previewSide: number;
  /** The number of frames in a burst. The sharpest becomes the photo. */
  readonly frames: number;
}

/** A running camera. */
export interface Camera {
  /** Its id in `CameraPort.list`; null: unknown. */
  readonly id: string | null;
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Whether it is fast enough for bursts. */
  readonly canBurst: boolean;
  /** False if it sends no pictures at the moment: a photo would show what the car looked like before, or nothing. */
  readonly isLive: boolean;
  /** Whether `glance` has pictures: the automatic shutter watches the turntable through them. */
  readonly canGlance: boolean;
  /** Resolves as soon as the frames are in memory and the next ones may be taken. */
  shoot(options: ShootOptions): Promise<Shot>;
  /** Locks exposure and white balance at their current values. Resolves with the result from the camera. */
  lock(): Promise<CameraLock>;
  unlock(): Promise<void>;
  /** The current picture, 64 pixels wide; null before the first picture. */
  glance(): GreyPicture | null;
  /**
   * Calls the listener when the camera was unplugged, its permission was withdrawn, or something else took it.
   * @returns a function that stops listening
   */
  onStopped(listener: () => void): () => void;
  close(): void;
}

export interface CameraChoice {
  readonly id: string;
  /** Empty if the system does not name it. */
  readonly label: string;
}

export interface CameraPort {
  /**
   * Opens a camera at 12 megapixels, or at the nearest resolution that it has.
   * @param id one of `list`; if it is null or gone, the camera on the back of the device
   * @throws CameraError
   */
  open(id: string | null): Promise<Camera>;
  /** The cameras that the operator can choose from. */
  list(): Promise<readonly CameraChoice[]>;
}
