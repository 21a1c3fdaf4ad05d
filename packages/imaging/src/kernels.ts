/** The part of this package that also runs in browsers and on phones. It must not import Node modules or sharp. */

export type { QualityGrade } from './grade-quality.ts';
export { gradeQuality } from './grade-quality.ts';
export { colourGrid } from './kernel/colour-grid.ts';
export type { GreyPicture } from './kernel/grey-picture.ts';
export { perceptualHash } from './kernel/perceptual-hash.ts';
export { measureQuality, qualitySteps } from './kernel/plain-kernel.ts';
export type { PixelBuffer, QualityMeasures } from './kernel/quality-measures.ts';
export { type BurstPick, pickBest } from './pick-best.ts';
