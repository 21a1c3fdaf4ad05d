import { z } from 'zod';

/** Crockford's base32 has no I, L, O or U, so that a code survives being read aloud or written by hand. */
export const codeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code is a handle, which finds its row, and a secret of 40 bits, which can be tried only a few times. */
export const codeLengths = { handle: 4, secret: 8 } as const;

const canonical = new RegExp(`^[${codeAlphabet}]{${codeLengths.handle + codeLengths.secret}}$`);

/** An enrolment code as somebody types it: case, spaces and dashes do not matter, O is 0, I and L are 1. */
export const EnrolmentCode = z
  .string()
  .max(64)
  .transform((text) => text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1'))
  .pipe(z.string().regex(canonical, 'an enrolment code has 12 letters and digits, e.g. K7QF-3M9X-TR2W'))
  .transform((text) => ({ handle: text.slice(0, codeLengths.handle), secret: text.slice(codeLengths.handle) }));
export type EnrolmentCode = z.output<typeof EnrolmentCode>;

/** Formats a code for people, for example `K7QF-3M9X-TR2W`. */
export function showEnrolmentCode({ handle, secret }: EnrolmentCode): string {
  return `${handle}${secret}`.replace(/(.{4})(?=.)/g, '$1-');
}

/**
 * The content of a QR code: everything that a phone needs to enrol.
 * @param enrolment.code as it is shown to people (`showEnrolmentCode`)
 * @param enrolment.capture the address of the capture app, which a phone's camera then opens. The code follows `#`, so that
 * it appears in no server's log.
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
