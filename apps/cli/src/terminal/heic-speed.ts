import { findFfmpeg } from '@spinbay/imaging/ffmpeg';

/**
 * How fast a worker with this search path decodes HEIC photos. One of 12 megapixels takes 1.5 s of CPU time, and 0.9 s with
 * ffmpeg (docs/performance.md).
 */
export function heicSpeed(searchPath: string | undefined): { isSlow: boolean; text: string } {
  const ffmpeg = findFfmpeg(searchPath);
  if (ffmpeg !== null) return { isSlow: false, text: `${ffmpeg} decodes them` };
  return {
    isSlow: true,
    text: 'slow without ffmpeg. 24 of them take about 36 s of CPU time, with ffmpeg 22 s. With 2 cores and several spins at a time, they may not be visible within a minute. Install ffmpeg and restart, or let phones take JPEGs',
  };
}
