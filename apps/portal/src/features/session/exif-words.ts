import type { Exif } from '@spinbay/contracts';

/**
 * The EXIF data as one line, e.g. `Apple iPhone 13 · 26 mm · f/2.8 · 1/125 s · ISO 100`; empty without data. No-break spaces
 * keep a figure and its unit together.
 */
export function exifLine(exif: Exif): string {
  const parts = [
    cameraName(exif),
    exif.focal_length_mm !== null && `${trim(exif.focal_length_mm)}\u00a0mm`,
    exif.aperture_f !== null && `f/${trim(exif.aperture_f)}`,
    exif.shutter_s !== null && exif.shutter_s > 0 && shutter(exif.shutter_s),
    exif.iso !== null && `ISO\u00a0${exif.iso}`,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** The GPS position, e.g. `48.13743, 11.57549`, in the form that maps accept, accurate to a metre. */
export function placeWords({ lat, lon }: NonNullable<Exif['gps']>): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

/** Many models repeat their make: `Canon`, `Canon EOS R6`. */
function cameraName({ make, model }: Exif): string {
  if (make === null || model === null) return model ?? make ?? '';
  return model.toLowerCase().startsWith(make.toLowerCase()) ? model : `${make} ${model}`;
}

function shutter(seconds: number): string {
  return seconds < 0.3 ? `1/${Math.round(1 / seconds)}\u00a0s` : `${trim(seconds)}\u00a0s`;
}

function trim(value: number): string {
  return String(Number(value.toFixed(1)));
}
