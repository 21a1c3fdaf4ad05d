import type { BurstPick, GreyPicture, QualityMeasures } from '@spinbay/imaging/kernels';
import type { Light } from '../photo/light.ts';

/**
 * - `denied`: the operator or the system said no
 * - `missing`: there is no camera
 * - `busy`: another program has it
 * - `insecure`: a browser gives the camera to HTTPS and to this machine only
 * - `unsupported`: this browser has no camera interface
 */
export type CameraFault = 'denied' | 'missing' | 'busy' | 'insecure' | 'unsupported';

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

/** What the kernels say of a copy with a long side of 1600 pixels, and the light around the car. */
export interface PhotoMeasures extends Omit<QualityMeasures, 'reduced'> {
  readonly surround: Light;
}

export interface Photo {
  readonly original: Blob;
  /** The same picture, smaller. */
  readonly preview: Blob;
  readonly width: number;
  readonly height: number;
}

/** A press of the shutter: its frames are in memory, the rest follows. */
export interface Shot {
  /** When the first frame was taken. */
  readonly capturedAt: Date;
  /** The frames that were taken for it, and which of them is the sharpest. Null where it was a single one. */
  readonly burst: Promise<BurstPick | null>;
  readonly photo: Promise<Photo>;
  /** Null where they could not be taken. */
  readonly measures: Promise<PhotoMeasures | null>;
}

export interface ShootOptions {
  /** Of the JPEG, 0-1. */
  readonly quality: number;
  /** Long side of the preview, in pixels. */
  readonly previewSide: number;
  /** Frames to take in a row. The sharpest becomes the photo. */
  readonly frames: number;
}

/** A camera that is running. */
export interface Camera {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Whether it is fast enough for several frames of one view. */
  readonly canBurst: boolean;
  /** Resolves as soon as the frames are in memory and the next ones may be taken. */
  shoot(options: ShootOptions): Promise<Shot>;
  /** Holds exposure and white balance as they are now. Resolves with what the camera says of it. */
  lock(): Promise<CameraLock>;
  unlock(): Promise<void>;
  /** What it sees now, 64 pixels wide; null before the first picture. */
  glance(): GreyPicture | null;
  /** The camera was unplugged, or the permission was withdrawn. @returns how to stop listening */
  onStopped(listener: () => void): () => void;
  close(): void;
}

export interface CameraPort {
  /** The camera on the back of the device, in its highest resolution. @throws CameraError */
  open(): Promise<Camera>;
}
