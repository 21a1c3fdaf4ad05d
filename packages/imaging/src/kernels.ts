/** The part of this package that also runs in a browser and on a phone: nothing here may import from Node or sharp. */

export type { QualityGrade, QualityThresholds } from './grade-quality.ts';
export { gradeQuality } from './grade-quality.ts';
export type { PixelBuffer, QualityMeasures } from './quality-kernel.ts';
export { measureQuality } from './quality-kernel.ts';
