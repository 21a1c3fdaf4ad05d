import type { AuthFault } from '../features/auth/auth-fault.ts';
import type { CameraFault, LockState } from '../platform/camera.ts';

const authFaults: Record<AuthFault, string> = {
  code_required: 'Your organization enrols devices by code. Ask an administrator for one and type it here.',
  code_malformed: 'A code has 12 letters and digits, e.g. K7QF-3M9X-TR2W. Check what you typed.',
  code_invalid: 'This code is wrong. Type it again, or ask an administrator for a new one.',
  code_used: 'This code was already used for another device. Ask an administrator for a new one.',
  code_expired: 'This code has expired or was withdrawn. Ask an administrator for a new one.',
  org_unknown: 'The server does not know this organization. Ask an administrator for a new code.',
  org_missing: 'Scan the QR code of your administrator: it contains the organization of this device.',
  other_server: 'This code belongs to another installation of Spinbay. Open its capture app and enrol there.',
  blocked: 'An administrator has blocked this device. Ask them to unblock it.',
  revoked: 'An administrator has revoked this device. Ask for a new code to enrol it again.',
  secret_invalid: 'The server no longer knows this device. Ask for a new code to enrol it again.',
  busy: 'The server is busy or restarting. Try again in a minute.',
  offline: 'The server cannot be reached. Check the network of this device and try again.',
  unreadable: 'The server has another version. Close the app, open it again, and retry.',
  not_stored: 'This device could not store the enrolment. Free some storage, then try again.',
  refused: 'The server refused this device. Ask an administrator.',
};

const cameraFaults: Record<CameraFault | 'stopped', { title: string; detail: string }> = {
  denied: {
    title: 'No permission for the camera',
    detail:
      'Allow it for this app: in the settings of the browser or the phone, under Permissions, Camera. Then try again.',
  },
  missing: { title: 'No camera found', detail: 'Connect one, or use another device. Then try again.' },
  busy: {
    title: 'The camera is in use',
    detail: 'Another program is using it. Close video calls and other camera apps, then try again.',
  },
  silent: {
    title: 'The camera sends no picture',
    detail: 'It has opened, but shows nothing. Uncover it, plug it in again, or choose another camera. Then try again.',
  },
  insecure: {
    title: 'The camera needs a secure address',
    detail: 'Browsers allow the camera only on https:// addresses. Ask your administrator for that address.',
  },
  unsupported: {
    title: 'This browser has no camera',
    detail: 'Open this address in an up-to-date Chrome, Edge, Firefox or Safari.',
  },
  stopped: {
    title: 'The camera has stopped',
    detail:
      'It was unplugged, its permission was withdrawn, or another program or a call is using it. All photos so far are safe. Try again to continue.',
  },
};

const lockStates: Record<LockState, string> = {
  locked: 'locked',
  unsupported: 'not supported on this phone. The app warns if the light changes',
  failed: 'could not be locked. The app warns if the light changes',
};

export const en = {
  back: 'Back',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  offline: 'Offline',

  config: {
    title: 'The app cannot start',
    detail: 'Its settings could not be read. Check the network and open the app again.',
    crashed: 'Something went wrong',
    crashedDetail: 'All saved photos are safe. Go back to the start to continue.',
    restart: 'Back to the start',
    storage:
      'This browser stores nothing for the app, so photos would be lost. Leave private browsing, or allow storage for this address.',
  },

  enrol: {
    title: 'Enrol this device',
    intro: 'Photos are sent to your organization. Enrol this device once to start.',
    code: 'Enrolment code',
    codeHint: 'Leave this empty if your organization needs no code.',
    action: 'Enrol this device',
    failed: 'This device could not be enrolled',
    again: 'Enrol again',
    signedOut: 'This device is signed out',
    signedOutDetail: 'Photos stay on this device. They are sent as soon as it is enrolled again.',
    faults: authFaults,
  },

  setup: {
    title: 'New session',
    site: 'Site',
    noSites: 'The sites are not known yet. Connect this device to the network once.',
    stock: 'Stock number',
    vin: 'VIN',
    vehicleNeeded: 'Type a stock number or a VIN.',
    vinMalformed: 'A VIN has 17 characters: digits and letters without I, O and Q.',
    vinLength: (length: number) => `${length} of 17 characters`,
    vinCheckDigit: (found: string, due: string) =>
      `The 9th character is ${found}, but the other characters require ${due}. Compare it with the car.`,
    stockTooLong: 'A stock number has at most 64 characters.',
    mode: 'What to shoot',
    studio360: 'Studio 360',
    stills: 'Stills',
    frames: 'Frames',
    framesHint: (count: number) => `${count} frames, one every ${360 / count}°`,
    turntable: 'Direction of the turntable',
    counterclockwise: 'Anticlockwise',
    clockwise: 'Clockwise',
    shotList: 'Shot list',
    standardList: 'Standard',
    shots: (required: number, optional: number) => `${required} required, ${optional} optional`,
    create: 'Start shooting',
    openHere: 'Unfinished sessions',
    continue: 'Continue',
    found: (vehicle: string) => `There is an open session of ${vehicle}`,
    foundDetail: (taken: number, of: number) =>
      `${taken} of ${of} frames are taken. Continue this session, or start a new one.`,
    startNew: 'Start a new session',
    storageFull: 'This device has no storage left. Delete something, then try again.',
    notPersistent:
      'This browser may delete photos if storage runs low. To prevent this, add the app to the home screen.',
    unsent: (count: number) => (count === 1 ? 'One photo is not sent yet' : `${count} photos are not sent yet`),
    lowStorage: 'This device is almost full. Free some storage before you shoot.',
  },

  scan: {
    action: 'Scan the VIN',
    looking: 'Hold the camera over the barcode of the VIN: on the windscreen, in the door frame or in the papers.',
    nothing: 'No barcode found yet. Move closer and avoid reflections, or type the VIN.',
    other: (text: string) => `This code is not a VIN: ${text}. Point the camera at another one, or type the VIN.`,
    unreadable: 'This device cannot read barcodes. Type the VIN.',
    done: 'Scanned. Compare the VIN with the car.',
    type: 'Type the VIN',
  },

  capture: {
    shutterFor: (slot: string) => `Take the photo of ${slot}`,
    angle: (degrees: number) => `${Math.round(degrees * 10) / 10}°`,
    progress: (taken: number, of: number) => `${taken}/${of}`,
    progressLong: (taken: number, of: number) => `${taken} of ${of} photos are saved on this device`,
    saving: (count: number) => `Saving ${count}`,
    allSafe: 'All saved',
    undo: 'Undo the last photo',
    undone: (slot: string) => `${slot} was removed. Shoot it again.`,
    undoSent: (slot: string) => `${slot} is already being sent. Shoot it again to replace it.`,
    dial: 'Angles',
    dialHint: 'Tap an angle to shoot it again',
    previous: 'Previous angle',
    next: 'Next angle',
    again: (slot: string) => `Shoot ${slot} again`,
    done: 'Done',
    doneLong: 'All photos are taken',
    grid: 'Grid',
    ghost: 'Overlay of the previous photo',
    autoMode: 'Automatic',
    auto: {
      off: 'Off',
      turntable: 'When the turntable stops',
      seconds: (seconds: number) => `Every ${seconds} s`,
      waiting: 'Turn the turntable. The photo is taken when it stops.',
      moving: 'Wait until the turntable stops.',
      next: (seconds: number) => `Next photo in ${seconds} s`,
    },
    options: 'Options',
    exposure: 'Exposure',
    whiteBalance: 'White balance',
    lock: lockStates,
    lockPending: 'locked after the first photo',
    lockShort: { locked: 'Light locked', watching: 'Watching the light', pending: 'Light not locked yet' },
    camera: 'Camera',
    cameraNumber: (number: number) => `Camera ${number}`,
    starting: 'Starting the camera',
    smallPicture: (width: number, height: number) => `This camera gives only ${width} x ${height} pixels`,
    smallPictureDetail: 'Photos this small look soft on a large screen. Use a device with a better camera if you can.',
    refusedPicture: (minimum: number) =>
      `Your organization needs photos of at least ${minimum} pixels on the long side. Connect a better camera and try again, or use another device. An administrator can change the minimum.`,
    sharpestOf: (taken: number, of: number) => `Kept shot ${taken} of ${of}, the sharpest`,
    keepShooting: 'Keep it',
    shootAgain: 'Shoot again',
    qc: {
      blurry: 'Blurry',
      dark: 'Too dark',
      bright: 'Too bright',
      small: 'Too small',
      drifted: 'The light has changed',
    },
    qcTitle: (slot: string, reasons: string) => `${slot}: ${reasons}`,
    notSaved: (slot: string) => `${slot} was not saved`,
    notSavedFull: 'This device has no storage left. Free some storage, then shoot it again.',
    notSavedOther: 'This device could not store it. Shoot it again.',
    noPhoto: (slot: string) => `The camera has not delivered ${slot}`,
    noPhotoDetail: 'Shoot it again. If this happens again, restart the camera. All photos so far are safe.',
    restartCamera: 'Restart the camera',
    faults: cameraFaults,
    lightLock: 'Lock the light',
    lightUnlock: 'Unlock the light',
  },

  stills: {
    optional: 'optional',
    taken: 'taken',
    open: 'not taken',
    names: {
      front: 'Front',
      front_left: 'Front left',
      left: 'Left side',
      rear_left: 'Rear left',
      rear: 'Rear',
      rear_right: 'Rear right',
      right: 'Right side',
      front_right: 'Front right',
      dashboard: 'Dashboard',
      odometer: 'Odometer',
      front_seats: 'Front seats',
      rear_seats: 'Rear seats',
      boot: 'Boot',
      engine_bay: 'Engine bay',
      wheel: 'Wheel',
      vin_plate: 'VIN plate',
    } as Readonly<Record<string, string>>,
  },

  review: {
    title: 'Review',
    spin: 'Spin of this session',
    complete: 'All frames are taken.',
    gaps: (count: number) => (count === 1 ? 'One frame is missing.' : `${count} frames are missing.`),
    warned: (count: number) => (count === 1 ? 'Check one frame.' : `Check ${count} frames.`),
    goBack: 'Shoot missing frames',
    backToCamera: 'Back to the camera',
    finish: 'Finish this session',
    finishAnyway: 'Finish with missing frames',
    abandon: 'Abandon this session',
    abandonSure: 'Abandon this session? It ends, and its sent photos stay on the server.',
    abandonYes: 'Yes, abandon it',
    taken: (slot: string) => `Photo: ${slot}`,
  },

  queue: {
    title: 'Queue',
    open: (waiting: number) => (waiting === 0 ? 'Queue: everything is sent' : `Queue: ${waiting} to send`),
    empty: 'Everything is sent.',
    counts: (sent: number, of: number) => `${sent} of ${of} photos are on the server`,
    progress: 'Sent',
    secondsLeft: (seconds: number) =>
      seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} s left` : `about ${Math.round(seconds / 60)} min left`,
    speed: (kilobytes: number) => `${kilobytes} kB/s`,
    offline: 'No network. Photos stay on this device and are sent when it is back.',
    paused:
      'Sending pauses when you close this app, and on a phone also when you switch to another app or turn off the screen. It continues when you return. Until then the photos stay on this device.',
    background:
      'The phone also sends photos while the app is closed, but not always at once. Keep the app open to send them faster.',
    retryAll: 'Try everything again',
    retry: 'Try again',
    save: 'Save the photo to this device',
    saveOutcome: {
      saved: 'A copy is on this device. The photo stays in the queue.',
      not_allowed: 'This app may not save photos. Allow it in the settings of the phone, then save again.',
      failed: 'The photo could not be saved. Free some storage on this device, then save again.',
      missing_bytes: 'The file is no longer on this device. Shoot the photo again.',
    },
    states: {
      waiting: 'waiting',
      sending: (percent: number) => `sending, ${percent} %`,
      uploaded: 'sent, being checked',
      processed: 'on the server',
      failed: 'on the server, did not pass the check',
    },
    stuck: {
      refused: 'The server refuses it',
      session_refused: 'The server refuses the session',
      session_closed: 'The session was closed on the server. Ask a reviewer to reopen it',
      missing_bytes: 'The file is no longer on this device. Shoot it again',
      duplicate: 'It is the same picture as another one of this session',
      digest_differs: 'The server has a different picture with this id. The original stays on this device',
      update_needed: 'The server has a newer version. Close the app and open it again',
      other_org: 'It belongs to another organization',
    } as Readonly<Record<string, string>>,
    otherOrg: (id: string) => `This session belongs to another organization (${id})`,
    otherOrgDetail: 'Enrol this device there again to send it, or save its photos to this device.',
    session: (vehicle: string) => `Session of ${vehicle}`,
  },

  settings: {
    title: 'Settings',
    language: 'Language',
    system: 'Same as the device',
    hand: 'Shutter',
    right: 'Right hand',
    left: 'Left hand',
    quality: 'Photo quality',
    normal: 'Normal',
    high: 'High',
    burst: 'Keep the sharpest of several shots',
    keepOriginals: 'Originals after sending',
    keep: 'Keep',
    remove: 'Delete',
    metered: 'On mobile data',
    meteredAll: 'Send everything',
    meteredPreviews: 'Previews only',
    sound: 'Sound',
    on: 'On',
    off: 'Off',
    device: 'This device',
    deviceId: (id: string) => `Device ${id}`,
    version: (version: string) => `Version ${version}`,
    storageUsed: (megabytes: number) => `${megabytes} MB are stored on this device.`,
  },
};

type Loose<T> = T extends (...args: infer A) => string
  ? (...args: A) => string
  : T extends string
    ? string
    : { readonly [K in keyof T]: Loose<T[K]> };

/** All texts of the app. Another language is another file of this type. */
export type Texts = Loose<typeof en>;
