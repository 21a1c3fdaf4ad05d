import type { KeyAction } from './keys.ts';
import type { SlotStatus } from './state.ts';

/** All texts of the viewer. */
export interface ViewerTexts {
  /** The accessible name of the picture. */
  readonly view: string;
  /** What each key does, for screen readers and for the help of a page. */
  readonly keys: Readonly<Record<KeyAction, string>>;
  readonly controls: string;
  /** `135°` */
  readonly angle: (degrees: number) => string;
  /** `135 degrees`, for screen readers. */
  readonly spokenAngle: (degrees: number) => string;
  readonly status: Readonly<Record<SlotStatus, string>>;
  /** Shown over the nearest picture at a gap: the status and the angle of the gap, and the shown angle, in degrees. */
  readonly bridged: (status: SlotStatus, degrees: number, shown: number) => string;
  /** Announced after the status of a gap. */
  readonly showing: (degrees: number) => string;
  readonly position: (slot: number, slots: number) => string;
  readonly loading: (ready: number, total: number) => string;
  /** Announced when everything is loaded. */
  readonly loaded: (ready: number, gaps: number) => string;
  readonly empty: string;
  readonly noPicture: string;
  readonly previous: string;
  readonly next: string;
  readonly play: string;
  readonly pause: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly zoomReset: string;
  readonly zoomLevel: (percent: number) => string;
  readonly loadingOriginal: string;
  readonly original: string;
  readonly fullScreen: string;
  readonly leaveFullScreen: string;
}

const round = (degrees: number) => Math.round(degrees * 10) / 10;
const reasons: Record<SlotStatus, string> = {
  pass: 'is loading',
  warn: 'is loading',
  fail: 'failed and has no picture',
  pending: 'is not ready yet',
  missing: 'is missing',
  unreachable: 'could not be loaded',
};

export const englishTexts: ViewerTexts = {
  view: '360° view',
  keys: {
    turn: 'Turn by one frame',
    quarter: 'Turn by a quarter',
    ends: 'First and last frame',
    play: 'Start and stop turning',
    zoom: 'Zoom in and out',
    reset: 'Whole picture',
    pan: 'Move the zoomed picture',
  },
  controls: 'Controls of the 360° view',
  angle: (degrees) => `${round(degrees)}°`,
  spokenAngle: (degrees) => `${round(degrees)} degrees`,
  status: {
    pass: 'Passed',
    warn: 'Warning',
    fail: 'Failed',
    pending: 'Not ready yet',
    missing: 'Missing',
    unreachable: 'Could not be loaded',
  },
  bridged: (status, degrees, shown) => `${round(degrees)}° ${reasons[status]}. Showing ${round(shown)}°.`,
  showing: (degrees) => `showing ${round(degrees)} degrees`,
  position: (slot, slots) => `${slot} of ${slots}`,
  loading: (ready, total) => `Loading ${ready} of ${total}`,
  loaded: (ready, gaps) =>
    gaps === 0 ? `All ${ready} frames are loaded` : `${ready} frames are loaded, ${gaps} have no picture`,
  empty: 'No frames yet. They appear here as they arrive.',
  noPicture: 'No picture yet',
  previous: 'Previous frame',
  next: 'Next frame',
  play: 'Start turning',
  pause: 'Stop turning',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomReset: 'Reset zoom',
  zoomLevel: (percent) => `${percent} %`,
  loadingOriginal: 'Loading the original',
  original: 'Original photo',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
};
