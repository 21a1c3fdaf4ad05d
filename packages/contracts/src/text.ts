import { z } from 'zod';

/**
 * One line of text for people, of 1 to `max` characters, trimmed. Control characters and lone surrogates are refused: they
 * cannot be shown, and PostgreSQL accepts neither U+0000 in text nor lone surrogates in jsonb.
 */
export function lineOfText(max: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => isShowable(text), 'has characters that cannot be displayed');
}

/** The same for text with several lines. */
export function linesOfText(max: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((text) => isShowable(text.replace(/[\n\r\t]/g, '')), 'has characters that cannot be displayed');
}

function isShowable(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code <= 0xdfff)) return false;
  }
  return true;
}
