import type { CameraFactory, CameraOutput, ScannedCode } from 'react-native-vision-camera';
import type { createBarcodeScannerOutput } from 'react-native-vision-camera-barcode-scanner';

/** Creates an output of a camera that reports the texts of the codes in its pictures, or that they cannot be read. */
export type CreateCodeOutput = (
  onTexts: (texts: readonly string[]) => void,
  onError: (error: Error) => void,
) => CameraOutput;

/** The codes on the stickers, plates and papers of cars, as read by iOS itself. */
export function iosCodeOutput(factory: Pick<CameraFactory, 'createObjectOutput'>): CreateCodeOutput {
  return (onTexts) => {
    const output = factory.createObjectOutput({ enabledObjectTypes: ['code-39', 'code-128', 'data-matrix', 'qr'] });
    output.setOnObjectsScannedCallback((codes) => onTexts(textsOf((codes as ScannedCode[]).map(({ value }) => value))));
    return output;
  };
}

/** The same codes, as read by ML Kit on Android. */
export function androidCodeOutput(create: typeof createBarcodeScannerOutput): CreateCodeOutput {
  return (onTexts, onError) =>
    create({
      barcodeFormats: ['code-39', 'code-128', 'data-matrix', 'qr-code'],
      onBarcodeScanned: (codes) => onTexts(textsOf(codes.map(({ rawValue }) => rawValue))),
      onError,
    });
}

function textsOf(values: readonly (string | undefined)[]): readonly string[] {
  return values.filter((value) => value !== undefined);
}
