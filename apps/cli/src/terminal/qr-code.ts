import { renderUnicodeCompact } from 'uqr';

/** A QR code for a phone's camera, with its title above. */
export function qrCode(title: string, text: string): string {
  const lines = renderUnicodeCompact(text, { border: 1 }).split('\n');
  return [`  ${title}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}
