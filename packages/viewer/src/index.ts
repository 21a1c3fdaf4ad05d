export { defineSpinbayViewer, type SpinbayViewer } from './element.ts';
export type { ViewerEvents } from './events.ts';
export type { FrameQc, ViewerFrame } from './frames.ts';
export { viewerKeys } from './keys.ts';
export { englishTexts, type ViewerTexts } from './texts.ts';
