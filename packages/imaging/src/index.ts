export { findFfmpeg } from './heic/ffmpeg.ts';
export { ImageRejected, type ImageRejectedCode } from './image-rejected.ts';
export * from './kernels.ts';
export { type ImageMeasures, type MeasureOptions, measureImage } from './measure-image.ts';
export type { DecodedPicture, PixelMeasures } from './measure-pixels.ts';
export { createMeasurer, type Measurer, type MeasurerOptions } from './pool/create-measurer.ts';
export type { MeasureRequest } from './pool/messages.ts';
export type { Thumb } from './thumbs.ts';
