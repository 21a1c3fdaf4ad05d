import { z } from 'zod';

/** Crockford's base32: no I, L, O or U, so that what is read aloud or written by hand comes back the same. */
export const codeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Characters of the handle, which finds the code, and of the secret, which proves it (40 bits, and few tries). */
export const codeLengths = { handle: 4, secret: 8 } as const;

const canonical = new RegExp(`^[${codeAlphabet}]{${codeLengths.handle + codeLengths.secret}}$`);

/** An enrolment code as somebody types it: case, blanks and dashes do not matter, O is 0, I and L are 1. */
export const EnrolmentCode = z
  .string()
  .max(64)
  .transform((text) => text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1'))
  .pipe(z.string().regex(canonical, 'an enrolment code has 12 letters and digits, e.g. K7QF-3M9X-TR2W'))
  .transform((text) => ({ handle: text.slice(0, codeLengths.handle), secret: text.slice(codeLengths.handle) }));
export type EnrolmentCode = z.output<typeof EnrolmentCode>;

/** As people see it: `K7QF-3M9X-TR2W`. */
export function showEnrolmentCode({ handle, secret }: EnrolmentCode): string {
  return `${handle}${secret}`.replace(/(.{4})(?=.)/g, '$1-');
}

/**
 * What a QR code holds: all that a phone needs to enrol.
 * @param code as it is shown; `capture`: address of the capture app, which a phone's camera then opens. Behind `#`, so that no
 * server's log has the code.
 */
export function enrolUrl(enrolment: {
  api: string;
  orgId: string;
  code: string;
  capture?: string | undefined;
}): string {
  const { api, orgId, code, capture } = enrolment;
  const parameters = new URLSearchParams({ api, org_id: orgId, code });
  return capture === undefined ? `spinbay://enrol?${parameters}` : `${capture}/enrol#${parameters}`;
}
