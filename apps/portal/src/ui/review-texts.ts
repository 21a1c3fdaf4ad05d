import { roundToTenth } from '@spinbay/contracts';

/**
 * The English texts for reviewing a session. Separate from `texts.ts`, so that the first screen does not load them. The 360
 * viewer has its own English texts; set its `texts` for another language. Texts that the command line also uses, such as the
 * findings about a spin, are in the contracts.
 */

export const reviewTexts = {
  title: 'Frames',
  view: {
    label: 'How the frames are shown',
    gallery: 'Gallery',
    spin: '360 View',
    loading: 'Loading the 360 view',
    failed: 'This view could not be loaded',
    failedBody: 'The server does not answer, or it has a newer release. Nothing was lost.',
    broken: (n: number) => (n === 1 ? 'One picture did not load.' : `${n} pictures did not load.`),
  },

  publish: {
    one: 'Publish',
    override: 'Publish anyway',
    preview: 'Publish preview',
    undo: 'Undo',
    /** Names of the buttons. They begin with the visible text. */
    oneName: (label: string) => `Publish ${label}`,
    replaceName: (label: string) => `Publish ${label} instead of the published frame`,
    replacementWaiting: 'Replacement waiting',
    unpublishesOther: 'Publishing it unpublishes the frame that is published now.',
    overrideName: (label: string) => `Publish anyway: ${label} failed`,
    previewName: (label: string) => `Publish preview of ${label}`,
    undoName: (label: string) => `Undo publishing ${label}`,
    all: (passed: number) => `Publish ${passed} passed`,
    allWithWarned: (passed: number, warned: number) =>
      passed === 0 ? `Publish ${warned} with warnings` : `Publish ${passed} passed, ${warned} with warnings`,
    allDone: (published: number) =>
      published === 0 ? 'None passed without warnings' : 'All passed frames are published',
    andWarned: (n: number) => (n === 1 ? 'and 1 with a warning' : `and ${n} with warnings`),
    unpublishAll: 'Unpublish all',
    by: (name: string) => `by ${name}`,
    working: 'Publishing',
    overridden: 'Published although it failed',
    failed: (why: string) => `Not published. ${why}`,
    undoFailed: (why: string) => `Still published. ${why}`,
    allFailed: (why: string) => `Nothing was published. ${why}`,
    allUndoFailed: (why: string) => `Nothing was unpublished. ${why}`,
    unreachable: 'The server does not answer. Try again.',
    notDoneMeanwhile:
      'The server answers again. Changes that failed in the meantime are not saved. Check the frames and try again.',
    done: (label: string) => `${label} is published`,
    replaced: (label: string) => `${label} is published instead of the previous frame`,
    undone: (label: string) => `${label} is no longer published`,
    allUndone: (n: number, still: number) =>
      `${n === 1 ? '1 is' : `${n} are`} no longer published${still > 0 ? `, ${still} still are: unpublish all again` : ''}`,
    allPublished: (n: number) => `${n} published`,
    left: (n: number, reasons: string) => `${n} left: ${reasons}`,
    nothingLeft: 'none left',
    reasons: {
      warned: (n: number) => (n === 1 ? '1 has a warning' : `${n} have warnings`),
      failed_qc: (n: number) => `${n} failed`,
      unreadable: (n: number) => `${n} could not be read`,
      preview: (n: number) => (n === 1 ? '1 is a preview' : `${n} are previews`),
      pending: (n: number) => `${n} on the way`,
      expired: (n: number) => `${n} never arrived`,
      too_many: (n: number) => `${n} not yet published, publish again`,
    },
    ask: {
      title: (label: string) => `${label} failed quality control`,
      body: 'Everybody who looks at the vehicle will see this picture. The audit log will show that you published it although it failed.',
      reasons: 'What is wrong with it',
      confirm: 'Publish anyway',
      cancel: 'Leave it out',
    },
    askPreview: {
      title: (label: string) => `Only a preview of ${label} has arrived`,
      body: 'Everybody who looks at the vehicle will see the small preview, until the original arrives and replaces it. The audit log will show that you published a preview.',
      confirm: 'Publish preview',
      cancel: 'Wait for the original',
    },
    askUnpublishAll: {
      title: (n: number) => (n === 1 ? 'Unpublish 1 frame?' : `Unpublish all ${n} frames?`),
      body: 'Nobody will see them on the vehicle until they are published again. The photos stay here.',
      confirm: 'Unpublish all',
      cancel: 'Keep them published',
    },
    dismiss: 'Dismiss',
    notice: 'Last action',
  },

  ending: {
    complete: 'Complete session',
    abandon: 'Abandon',
    reopen: 'Reopen session',
    refused: 'The session was not changed.',
    missing: (n: number) => (n === 1 ? '1 frame is missing' : `${n} frames are missing`),
    pending: (n: number) => (n === 1 ? '1 frame is not ready yet' : `${n} frames are not ready yet`),
    failed: (n: number) => (n === 1 ? '1 frame failed' : `${n} frames failed`),
    ask: {
      completed: {
        title: 'Complete this session as it is?',
        body: 'No more frames can be added unless you reopen it.',
        confirm: 'Complete session',
        cancel: 'Leave it open',
      },
      abandoned: {
        title: 'Abandon this session?',
        body: 'It ends incomplete. Its photos stay, and you can reopen it.',
        confirm: 'Abandon session',
        cancel: 'Leave it open',
      },
    },
  },

  erasing: {
    more: 'More',
    open: { session: 'Delete session', vehicle: 'Delete vehicle' },
    ask: {
      session: (photos: number, vehicle: string) => `Delete this session with ${photosWords(photos)} of ${vehicle}?`,
      vehicle: (vehicle: string, sessions: number | null) =>
        sessions === null || sessions === 1
          ? `Delete ${vehicle} with all its photos?`
          : `Delete ${vehicle} with all its photos, from ${sessions} sessions?`,
    },
    body: 'Nobody will see it any more, including its published photos. You can undo this for a few minutes. After that the photos are deleted permanently.',
    active: 'It is still being shot: photos that arrive later are deleted, too.',
    cancel: 'Keep it',
    done: {
      session: (photos: number, vehicle: string) =>
        `The session with ${photosWords(photos)} of ${vehicle} was deleted.`,
      vehicle: (photos: number, vehicle: string) => `${vehicle} was deleted with ${photosWords(photos)}.`,
    },
    until: (time: string) => `You can undo this until ${time}.`,
    undo: 'Undo',
    refused: 'Nothing was deleted.',
    undoRefused: 'Undo failed.',
  },

  keys: {
    open: 'Keyboard shortcuts',
    title: 'Keyboard shortcuts',
    close: 'Close',
    use: 'Use these shortcuts',
    useHint: 'Turn them off if your screen reader or voice control uses the same letters.',
    everywhere: 'For the frames',
    inSpin: 'In the 360 view',
    does: {
      next: 'Next frame',
      previous: 'Previous frame',
      publish: 'Publish the frame, or undo publishing',
      zoom: 'Open the frame large, then zoom in and out',
      view: 'Gallery or 360 view',
      leave: 'Back to the gallery',
      help: 'This help',
    },
  },

  frame: {
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    loadingOriginal: 'Loading the original',
    original: 'Original photo',
    openOriginal: 'Open the original photo',
    originalFailed: 'The original could not be loaded. This is the 1200 px picture.',
    pictureFailed: 'The picture did not load.',
    timelineOf: (day: string) => `Timeline, ${day}`,
    steps: { taken: 'Taken', uploaded: 'Uploaded', processed: 'Checked', published: 'Published' },
    after: (span: string) => `${span} later`,
    clocksDiffer: 'the camera’s clock is ahead of the server’s',
    histogram: 'Brightness',
    histogramName: (mean: string, black: string, white: string) =>
      `How bright the picture is: ${mean} of 255 on average, ${black} pure black, ${white} pure white`,
    dark: 'dark',
    bright: 'bright',
    ofCentre: 'in the middle of the picture',
    at1000: 'at 1000 px',
    edgesAt1600: 'width of edges at 1600 px',
    carEdgesAt1600: 'width of edges of the car at 1600 px',
    sameAs: (label: string) => `The same photo as ${label} of this session`,
    sameElsewhere: 'The same photo is in another session',
    sameUnknown: 'The same photo is at a site that you may not see, or it was deleted.',
    inSession: 'Show it',
    missing: 'There is no picture of this angle yet.',
  },

  spin: {
    title: 'The spin as a whole',
    show: (angle: number) => `Show ${roundToTenth(angle)}°`,
    more: (n: number) => `Show ${n} more`,
  },

  spans: {
    seconds: (s: string) => `${s} s`,
    minutes: (min: number) => `${min} min`,
    hours: (h: number) => `${h} h`,
    days: (d: number) => (d === 1 ? '1 day' : `${d} days`),
  },
} as const;

function photosWords(n: number): string {
  return n === 1 ? '1 photo' : `${n} photos`;
}
