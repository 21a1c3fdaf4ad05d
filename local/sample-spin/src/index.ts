export { defaultSize, drawFrame, FrameDrawer, type FrameOptions } from './draw-frame.ts';
export { drawSpin, type SpinOptions } from './draw-spin.ts';
export { encodeFrame, type FramePixels } from './encode-frame.ts';
export { type FrameFile, frameCount } from './frame-file.ts';
