import { writeFileSync } from 'node:fs';
import type { Image, RawPixelData } from 'react-native-nitro-image';
import type {
  CameraController,
  CameraDevice,
  CameraDeviceFactory,
  CameraFactory,
  CameraObjectOutput,
  CameraOrientation,
  CameraOutput,
  CameraPhotoOutput,
  CameraPreviewOutput,
  CameraSession,
  CameraSessionConnection,
  FocusOptions,
  MeteringPoint,
  ObjectOutputOptions,
  OrientationManager,
  PermissionStatus,
  Photo,
  ScannedCode,
  ScannedObject,
  ScannedObjectType,
} from 'react-native-vision-camera';
import type {
  Barcode,
  BarcodeScannerOutputOptions,
  TargetBarcodeFormat,
} from 'react-native-vision-camera-barcode-scanner';

/** Only the start and end markers of a JPEG. The tests need no more. */
const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);

/** A picture in memory, with the type of the library. Counts the pictures that were not disposed. */
class FakeImage {
  static open = 0;
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    FakeImage.open++;
  }
  async resizeAsync(width: number, height: number) {
    return new FakeImage(width, height) as unknown as Image;
  }
  async toEncodedImageDataAsync() {
    return { buffer: jpeg.slice().buffer, width: this.width, height: this.height, imageFormat: 'jpg' as const };
  }
  async toRawPixelDataAsync(): Promise<RawPixelData> {
    const buffer = new Uint8Array(this.width * this.height * 4).fill(128).buffer;
    return { buffer, width: this.width, height: this.height, pixelFormat: 'BGRA' };
  }
  dispose() {
    FakeImage.open--;
  }
}

export interface FakeCameraOptions {
  readonly permission?: PermissionStatus;
  /** Whether the person gives permission when asked. */
  readonly grants?: boolean;
  readonly device?: Partial<CameraDevice> | null;
  readonly refuses?: boolean;
  /** The camera starts when this resolves. */
  readonly started?: Promise<void>;
  /** A capture never ends. */
  readonly neverDelivers?: boolean;
  /** A lock succeeds, but the camera does not change its mode. */
  readonly ignoresLocks?: boolean;
  readonly lockFails?: boolean;
}

/** Replaces vision-camera in tests, and records the calls. */
export class FakeCamera {
  readonly asked = { permission: 0, stopped: 0 };
  readonly focused: FocusOptions[] = [];
  readonly qualities: number[] = [];
  readonly outputs: CameraOutput[][] = [];
  readonly #stopped = new Set<CameraOutput>();
  resets = 0;
  orientation: CameraOrientation = 'up';
  #interrupted: () => void = () => undefined;
  #turned: (orientation: CameraOrientation) => void = () => undefined;
  #onScanned: (objects: ScannedObject[]) => void = () => undefined;
  codeTypes: readonly ScannedObjectType[] = [];
  readonly #options: FakeCameraOptions;
  readonly factory: CameraFactory;

  constructor(options: FakeCameraOptions = {}) {
    this.#options = options;
    this.factory = this.#makeFactory();
  }

  static get openImages(): number {
    return FakeImage.open;
  }
  static snapshot(): Image {
    return new FakeImage(1920, 1440) as unknown as Image;
  }

  /** A call comes in, or another app takes the camera. */
  interrupt() {
    this.#interrupted();
  }
  turn(orientation: CameraOrientation) {
    this.orientation = orientation;
    this.#turned(orientation);
  }

  /** Holds codes in front of the camera of an iPhone. */
  showCodes(texts: readonly (string | undefined)[]) {
    this.#onScanned(texts.map((value) => ({ type: 'code-39', value }) as unknown as ScannedCode));
  }

  #makeFactory(): CameraFactory {
    let permission = this.#options.permission ?? 'authorized';
    const { grants = true, device = {} } = this.#options;
    const asked = this.asked;
    const camera = device === null ? undefined : (this.#device(device) as CameraDevice);
    const self = this;
    const factory = {
      get cameraPermissionStatus() {
        return permission;
      },
      async requestCameraPermission() {
        asked.permission++;
        permission = grants ? 'authorized' : 'denied';
        return grants;
      },
      createDeviceFactory: async () => ({ getDefaultCamera: () => camera }) as unknown as CameraDeviceFactory,
      createCameraSession: async () => this.#session(camera as CameraDevice),
      createObjectOutput: ({ enabledObjectTypes }: ObjectOutputOptions) => {
        this.codeTypes = enabledObjectTypes;
        const output = {
          mediaType: 'metadata',
          outputOrientation: 'up',
          setOnObjectsScannedCallback: (onScanned: ((objects: ScannedObject[]) => void) | undefined) => {
            this.#onScanned = onScanned ?? (() => undefined);
          },
        };
        return output as unknown as CameraObjectOutput;
      },
      createPreviewOutput: () => ({ mediaType: 'video', outputOrientation: 'up' }) as unknown as CameraPreviewOutput,
      createPhotoOutput: ({ quality }: { quality: number }) => {
        this.qualities.push(quality);
        return this.#photoOutput();
      },
      createNormalizedMeteringPoint: (x: number, y: number) => ({ x, y }) as unknown as MeteringPoint,
      createOrientationManager: () =>
        ({
          get currentOrientation() {
            return self.orientation;
          },
          startOrientationUpdates: (onChanged: (orientation: CameraOrientation) => void) => {
            this.#turned = onChanged;
          },
          stopOrientationUpdates: () => undefined,
        }) as unknown as OrientationManager,
    };
    return factory as unknown as CameraFactory;
  }

  #device(over: Partial<CameraDevice>) {
    return {
      localizedName: 'Back Camera',
      modelID: 'com.example.camera:0',
      supportsExposureLocking: true,
      supportsWhiteBalanceLocking: true,
      supportsExposureMetering: true,
      supportsWhiteBalanceMetering: true,
      ...over,
    };
  }

  #session(device: CameraDevice): CameraSession {
    let connected: CameraOutput[] = [];
    const session = {
      configure: async ([connection]: CameraSessionConnection[]) => {
        connected = connection?.outputs.map(({ output }) => output) ?? [];
        this.outputs.push(connected);
        return [this.#controller(device)];
      },
      start: async () => {
        if (this.#options.refuses) throw new Error('the camera is in use');
        await this.#options.started;
      },
      stop: async () => {
        this.asked.stopped++;
        for (const output of connected) this.#stopped.add(output);
      },
      addOnErrorListener: () => ({ remove: () => undefined }),
      addOnInterruptionStartedListener: (listener: () => void) => {
        this.#interrupted = listener;
        return { remove: () => undefined };
      },
    };
    return session as unknown as CameraSession;
  }

  #controller(device: CameraDevice): CameraController {
    const { ignoresLocks = false, lockFails = false } = this.#options;
    const modes = { exposureMode: 'continuous-auto-exposure', whiteBalanceMode: 'continuous-auto-white-balance' };
    const lock = async (mode: keyof typeof modes) => {
      if (lockFails) throw new Error('not now');
      if (!ignoresLocks) modes[mode] = 'locked';
    };
    const controller = Object.assign(modes, {
      device,
      lockCurrentExposure: () => lock('exposureMode'),
      lockCurrentWhiteBalance: () => lock('whiteBalanceMode'),
      focusTo: async (_: MeteringPoint, options: FocusOptions) => {
        if (lockFails) throw new Error('not now');
        this.focused.push(options);
      },
      resetFocus: async () => void this.resets++,
    });
    return controller as unknown as CameraController;
  }

  #photoOutput(): CameraPhotoOutput {
    const output = {
      outputOrientation: 'up',
      currentResolution: { width: 4032, height: 3024 },
      capturePhoto: async () => {
        if (this.#options.neverDelivers) await new Promise(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.#stopped.has(output as unknown as CameraOutput)) throw new Error('the session was stopped');
        const photo = {
          saveToFileAsync: async (path: string) => writeFileSync(path, 'an original of the camera'),
          toImageAsync: async () => new FakeImage(4032, 3024) as unknown as Image,
          dispose: () => undefined,
        };
        return photo as unknown as Photo;
      },
    };
    return output as unknown as CameraPhotoOutput;
  }
}

/** Replaces react-native-vision-camera-barcode-scanner in tests. */
export class FakeBarcodeScanner {
  #options: BarcodeScannerOutputOptions | null = null;

  readonly createOutput = (options: BarcodeScannerOutputOptions): CameraOutput => {
    this.#options = options;
    return { mediaType: 'video', outputOrientation: 'up' } as unknown as CameraOutput;
  };

  get formats(): readonly TargetBarcodeFormat[] {
    return this.#options?.barcodeFormats ?? [];
  }
  show(texts: readonly (string | undefined)[]) {
    this.#options?.onBarcodeScanned(texts.map((rawValue) => ({ format: 'code-39', rawValue }) as unknown as Barcode));
  }
  fail(error: Error) {
    this.#options?.onError(error);
  }
}
