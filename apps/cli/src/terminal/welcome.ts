import type { Stack } from '@spinbay/local-stack';
import type { createCode } from '../org/actions.ts';
import { heicSpeed } from './heic-speed.ts';
import { qrCode } from './qr-code.ts';
import { table } from './table.ts';

type Code = Awaited<ReturnType<typeof createCode>>;

/**
 * The text that `npm start` prints when everything runs.
 * @param sample the result of the sample spin, if there was one
 * @param code an enrolment code for a phone, if the organization requires one
 */
export function welcome({ endpoints, dataDir, lan }: Stack, sample: string | null, code: Code | null): string {
  const users = endpoints.demo?.users.map(({ email, password, role }) => [email, password, role]);
  const api = endpoints.lan?.api ?? endpoints.api;
  return [
    '',
    ...(sample === null ? [] : [`  Sample spin: ${sample}.`, '']),
    table([
      ['Portal', endpoints.portal],
      ['Capture app', endpoints.capture],
      ['API', `${api}  (documentation: ${api}/docs)`],
      ['Sign-in', endpoints.oidc],
      ['Objects', endpoints.objects ?? 'Amazon S3'],
      ['Data', dataDir],
    ]),
    '',
    users === undefined
      ? '  There is no demo organization here. Create your own with "npx spinbay org create".'
      : table([['Demo sign-in', 'password', 'role'], ...users]),
    '',
    ...(code?.enrol_url
      ? phone(code.enrol_url, code.expires_at, endpoints.lan?.url)
      : [qrCode('Capture app', endpoints.capture)]),
    ...(heicSpeed(process.env.PATH).isSlow
      ? ['', '  HEIC photos (iPhone) are slow without ffmpeg. "npx spinbay doctor" says how slow.']
      : []),
    ...(lan?.hasOtherAuthority ? ['', '  The certificate authority is new: each phone must accept it again.'] : []),
    '',
    '  Next:  open the portal and sign in as the reviewer',
    '         open the capture app and shoot a spin with the camera of this machine',
    '         npx spinbay ingest FOLDER --stock A1    upload your own photos',
    '         npx spinbay doctor                      check every part',
    '         Ctrl-C                                  stop everything; the data stays',
    '',
  ].join('\n');
}

/** The QR code that enrols one phone, with instructions for the phone. */
function phone(link: string, until: Date, url: string | undefined): string[] {
  const time = until.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return [
    qrCode(`Capture app, for one phone until ${time} (more codes: portal, Administration)`, link),
    '',
    `  Link: ${link}`,
    ...(url === undefined
      ? []
      : [
          '',
          '  The phone warns about an unknown certificate. Accept it once ("Advanced", then "Proceed"), and allow the camera.',
          `  To avoid the warning and to open the app offline, install ${url}/ca.crt in the phone's settings.`,
        ]),
  ];
}
