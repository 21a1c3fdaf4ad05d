import type { Stack } from '@spinbay/local-stack';
import type { createCode } from '../org/actions.ts';
import { qrCode } from './qr-code.ts';
import { table } from './table.ts';

type Code = Awaited<ReturnType<typeof createCode>>;

/**
 * What `npm start` says once all is up.
 * @param sample how the sample spin went, where there was one; `code`: of enrolment, for a phone
 */
export function welcome({ endpoints, dataDir, lan }: Stack, sample: string | null, code: Code | null): string {
  const users = endpoints.demo.users.map(({ email, password, role }) => [email, password, role]);
  const api = endpoints.lan?.api ?? endpoints.api;
  return [
    '',
    ...(sample === null ? [] : [`  Sample spin: ${sample}.`, '']),
    table([
      ['Portal', endpoints.portal],
      ['Capture app', endpoints.capture],
      ['API', `${api}  (documentation: ${api}/docs)`],
      ['Sign-in', endpoints.oidc],
      ['Objects', endpoints.objects],
      ['Data', dataDir],
    ]),
    '',
    table([['Demo sign-in', 'password', 'role'], ...users]),
    '',
    ...(code?.enrol_url
      ? phone(code.enrol_url, code.expires_at, endpoints.lan?.url)
      : [qrCode('Capture app', endpoints.capture)]),
    ...(lan?.hasOtherAuthority
      ? ['', '  The certificate authority is another one than before: phones have to accept it anew.']
      : []),
    '',
    '  Next:  open the portal and sign in as the reviewer',
    '         open the capture app and shoot a spin with the camera of this machine',
    '         npx spinbay ingest FOLDER --stock A1    your own photos',
    '         npx spinbay doctor                      is all well?',
    '         Ctrl-C                                  stops everything; the data stays',
    '',
  ].join('\n');
}

/** The code that enrols one phone, and what the phone asks, in two lines. */
function phone(link: string, until: Date, url: string | undefined): string[] {
  const time = until.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return [
    qrCode(`Capture app, for one phone until ${time} (more codes: portal, Administration)`, link),
    '',
    `  The same as a link: ${link}`,
    ...(url === undefined
      ? []
      : [
          '',
          '  The phone warns of an unknown certificate: accept it once ("Advanced", then "Proceed"), and allow the camera.',
          `  For no warning, and to open the app offline: install the authority from ${url}/ca.crt in the phone's settings.`,
        ]),
  ];
}
