import { z } from 'zod';

/**
 * One line of text for people, without outer blanks, of 1 to `max` characters. Control characters and halves of surrogate
 * pairs are refused: neither can be shown, and PostgreSQL takes neither U+0000 in a text nor a lone half in a jsonb.
 */
export function lineOfText(max: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => isShowable(text), 'has characters that cannot be shown');
}

/** The same over several lines. */
export function linesOfText(max: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => isShowable(text.replace(/[\n\r\t]/g, '')), 'has characters that cannot be shown');
}

function isShowable(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}
