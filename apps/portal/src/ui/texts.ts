/** Every English text of the portal, so that another language is another file of this shape. */

const frames = (n: number) => (n === 1 ? '1 frame' : `${n} frames`);

/** Dates and numbers are written the way of the language of these texts. */
export const locale = 'en-GB';

export const texts = {
  product: 'Spinbay',
  pageTitle: (page: string) => `${page} · Spinbay`,
  skipToContent: 'Skip to the content',
  loading: 'Loading',
  tryAgain: 'Try again',
  refresh: 'Refresh',

  header: {
    home: 'Spinbay, all sessions',
    signOut: 'Sign out',
    colorScheme: 'Appearance',
    schemes: { light: 'Light', dark: 'Dark', auto: 'As the system' },
    roles: { operator: 'Operator', reviewer: 'Reviewer', admin: 'Administrator' },
  },

  config: {
    title: 'The portal is not set up',
    missing: 'Its settings could not be loaded from /config.json',
    malformed: 'Its settings in /config.json are not complete',
    advice: 'Tell the person who runs this installation. Then load this page again.',
    reload: 'Load again',
  },

  crash: {
    title: 'Something went wrong on this page',
    body: 'Nothing was lost: the photos are with the server. Load the page again; if this stays, tell the person who runs this installation.',
    reload: 'Load again',
  },

  notFound: {
    title: 'There is no such page',
    body: 'The address may be mistyped, or the page has moved.',
    toSessions: 'To the sessions',
  },

  faults: {
    unreachable: 'The Spinbay server does not answer',
    unreachableBody: 'Check your connection. This page tries again by itself.',
    refused: 'The server refused this',
    unexpected: 'Something unexpected happened',
  },

  signIn: {
    title: 'Sign in',
    lead: 'Watch spins arrive from the turntable, check every frame, release the good ones.',
    button: 'Sign in with your account',
    returnHint: 'You will come back to the page that you asked for.',
    expired: 'You were signed out because your time was up. Sign in again to go on where you were.',
    working: 'Signing you in',
    failed: 'Signing in did not work',
    again: 'Sign in again',
    otherAccount: 'Use another account',
    providerUnreachable: (issuer: string) =>
      `The sign-in service at ${issuer} does not answer. Try again in a moment; if this stays, tell the person who runs this installation.`,
    insecure:
      'This page was opened over an unprotected connection, where browsers allow no sign-in. Open it by its https address.',
    cancelled: 'The sign-in was cancelled at the sign-in service.',
    provider: (reason: string) => `The sign-in service refused: ${reason}`,
    stale: 'This sign-in was used already, or it began in another tab. Start again.',
    notAccepted: (reason: string) => `The reply of the sign-in service was not accepted (${reason}). Start again.`,
  },

  sessionStatus: { active: 'Active', completed: 'Completed', abandoned: 'Abandoned' },
  mode: { studio360: 'Studio 360', stills: 'Stills' },

  sessions: {
    title: 'Sessions',
    count: (n: number) => (n === 1 ? '1 session' : `${n.toLocaleString(locale)} sessions`),
    updated: (time: string) => `Updated ${time}`,
    columns: {
      cover: 'Picture',
      vehicle: 'Vehicle',
      mode: 'Mode',
      operator: 'Operator',
      site: 'Site',
      status: 'Status',
      frames: 'Frames',
      started: 'Started',
    },
    filters: 'Filters',
    site: 'Site',
    allSites: 'All sites',
    status: 'Status',
    allStatuses: 'All',
    table: 'Sessions, the active ones first',
    noStock: 'No stock number',
    vin: (vin: string) => `VIN ${vin}`,
    arrived: (arrived: number, expected: number) => `${arrived} of ${frames(expected)} arrived`,
    failed: (n: number) => `${n} failed`,
    pending: (n: number) => `${n} on the way`,
    expired: (n: number) => `${n} never arrived`,
    emptyTitle: 'No sessions yet',
    emptyBody: 'Shoot a car with the capture app, or send a folder of photos from a computer:',
    emptyCommand: 'npx spinbay ingest FOLDER --stock A1',
    nothingFound: 'No session fits these filters',
    nothingFoundBody: 'There are sessions of other sites or in another state.',
    pastEnd: 'This page lies behind the last session',
    showAll: 'Show all sessions',
    failedToLoad: 'The sessions could not be loaded',
    staleTitle: 'The server does not answer',
    stale: (time: string) => `This list is from ${time} and may be out of date.`,
    pages: 'Pages',
    page: (n: number) => `Page ${n}`,
    previousPage: 'Previous page',
    nextPage: 'Next page',
    range: (from: number, to: number, total: number) => `${from} to ${to} of ${total.toLocaleString(locale)}`,
  },

  session: {
    back: 'All sessions',
    facts: {
      site: 'Site',
      mode: 'Mode',
      operator: 'Operator',
      started: 'Started',
      completed: 'Completed',
      abandoned: 'Abandoned',
    },
    notFoundTitle: 'There is no such session',
    notFoundBody: 'It does not exist, or it belongs to a site that you may not see.',
    failedToLoad: 'The session could not be loaded',
    framesFailedToLoad: 'The frames could not be loaded',
    live: 'Live',
    updated: (time: string) => `updated ${time}`,
    staleTitle: 'The server does not answer: what you see may be out of date',
    stale: (time: string) => `Last updated ${time}. Trying again by itself.`,
    progress: 'Frames',
    progressText: (arrived: number, expected: number) => `${arrived} of ${expected} arrived`,
    announce: (arrived: number, expected: number) => `${arrived} of ${frames(expected)} arrived`,
    counts: {
      pass: (n: number) => `${n} passed`,
      warn: (n: number) => (n === 1 ? '1 warning' : `${n} warnings`),
      fail: (n: number) => `${n} failed`,
      pending: (n: number) => `${n} on the way`,
      missing: (n: number) => `${n} missing`,
      expired: (n: number) => `${n} never arrived`,
      published: (n: number) => `${n} published`,
    },
    cut: (shown: number, total: number) => `Only the first ${shown} of ${total} frames are shown.`,
  },

  gallery: {
    title: 'Gallery',
    outside: 'Outside of the shot list',
    takes: 'Other takes',
    showTakes: (n: number) => (n === 1 ? 'Show 1 other take' : `Show ${n} other takes`),
    hideTakes: 'Hide other takes',
    open: (label: string) => `Open ${label}`,
    angle: (deg: number) => `${deg}°`,
    shot: (name: string) => {
      const words = name.replaceAll('_', ' ');
      return words.charAt(0).toUpperCase() + words.slice(1);
    },
    noSlot: 'Extra photo',
    optional: 'Optional',
    missing: 'Waiting',
    pending: 'On its way',
    expired: 'Upload never arrived',
    retakeComing: 'A new take is on its way',
    noPicture: 'No picture',
    pictureFailed: 'The picture did not load',
    published: 'Published',
  },

  qc: {
    pass: 'Pass',
    warn: 'Warning',
    fail: 'Failed',
    blurry: (score: string, needed: string) => `blurry: sharpness ${score}, needs ${needed}`,
    soft: (score: string, good: string) => `a little soft: sharpness ${score}, good is above ${good}`,
    tooDark: (share: string) => `too dark: ${share} of the picture is pure black`,
    tooBright: (share: string) => `too bright: ${share} of the picture is pure white`,
    unknownFailure: 'it could not be measured',
    sharpness: 'Sharpness',
    exposure: 'Exposure',
    sharpnessRule: (fail: string, warn: string) => `needs ${fail}, good above ${warn}`,
    exposureMeasured: (white: string, black: string) => `${white} pure white, ${black} pure black`,
    exposureRule: (limit: string) => `at most ${limit} each`,
    duplicate: 'The same photo was taken in before',
  },

  frame: {
    viewer: 'Frames of the session, large',
    details: 'About this frame',
    previous: 'Previous frame',
    next: 'Next frame',
    close: 'Close',
    camera: 'Camera',
    taken: 'Taken',
    size: 'Picture',
    noExif: 'the camera wrote nothing',
    published: (time: string) => `Published ${time}`,
  },
} as const;
