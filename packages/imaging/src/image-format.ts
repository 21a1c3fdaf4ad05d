/** The file format by its first bytes, regardless of the file name. */
type SniffedFormat = 'jpeg' | 'heic' | 'png' | 'gif' | 'webp' | 'avif' | 'tiff' | 'bmp' | 'pdf' | 'svg' | 'unknown';

/** Brands of files with several pictures in time: bursts and animations. */
export const heicSequenceBrands: ReadonlySet<string> = new Set(['hevc', 'hevx', 'hevm', 'hevs', 'msf1']);
const heicBrands: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'mif1', ...heicSequenceBrands]);

/** Detects the format from at most 512 bytes. Pure. Also runs in a browser. */
export function sniffFormat(bytes: Uint8Array): SniffedFormat {
  const startsWith = (...signature: number[]) => signature.every((value, index) => bytes[index] === value);
  if (startsWith(0xff, 0xd8, 0xff)) return 'jpeg';
  if (startsWith(0x89, 0x50, 0x4e, 0x47)) return 'png';
  if (startsWith(0x47, 0x49, 0x46, 0x38)) return 'gif';
  if (startsWith(0x42, 0x4d)) return 'bmp';
  if (startsWith(0x49, 0x49, 0x2a, 0x00) || startsWith(0x4d, 0x4d, 0x00, 0x2a)) return 'tiff';
  const head = latin1(bytes.subarray(0, 512));
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.startsWith('%PDF')) return 'pdf';
  if (head.slice(4, 8) === 'ftyp') {
    const brand = head.slice(8, 12);
    if (heicBrands.has(brand)) return 'heic';
    if (brand === 'avif' || brand === 'avis') return 'avif';
    return 'unknown';
  }
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?(<!DOCTYPE svg|<svg)/i.test(head)) return 'svg';
  return 'unknown';
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
