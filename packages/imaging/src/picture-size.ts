/** 330 MB of RGB. More than most phones and tethered cameras have: a Sony A7R V has 60.2 megapixels, a Fujifilm GFX 102. */
export const maxPixels = 110e6;

/** The size is rounded up, so that it never reads as equal to the limit. */
export function tooManyPixels(width: number, height: number): string {
  const megapixels = Math.ceil((width * height) / 1e5) / 10;
  return `The picture has ${width} x ${height} pixels (${megapixels} megapixels); at most ${maxPixels / 1e6} megapixels are allowed.`;
}
