import { WebCamera } from './camera.web.tsx';
import type { CodeReaderPort } from './code-reader.ts';

/** The Barcode Detection API, which Chrome has on Android and macOS. TypeScript's library types lack it. */
interface BarcodeDetector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface BarcodeDetectorClass {
  new (options: { formats: readonly string[] }): BarcodeDetector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** The codes on the stickers, plates and papers of cars. */
const vinFormats = ['code_39', 'code_128', 'data_matrix', 'qr_code'];

export const webCodeReader: CodeReaderPort = {
  async open() {
    const { BarcodeDetector: Detector } = globalThis as { BarcodeDetector?: BarcodeDetectorClass };
    if (Detector === undefined) return null;
    const supported = await Detector.getSupportedFormats().catch((error: unknown): readonly string[] => {
      console.warn('This browser cannot read barcodes.', error);
      return [];
    });
    const formats = vinFormats.filter((format) => supported.includes(format));
    // A detector without formats would look for all of them.
    if (formats.length === 0) return null;
    const detector = new Detector({ formats });
    return {
      async read(camera) {
        if (!(camera instanceof WebCamera) || camera.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return [];
        const codes = await detector.detect(camera.video);
        return codes.map(({ rawValue }) => rawValue);
      },
    };
  },
};
