/** Characters that move the cursor, colour the text or reverse it. File names and servers may contain them. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Makes text from outside safe to print on one line: control characters become escapes such as `\x1b`. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

const lines = (text: string) => text.split('\n').map(printable).join('\n');

/** Commands print text only through these functions, because it may contain names from outside. */
export function print(text: string): void {
  process.stdout.write(`${lines(text)}\n`);
}

export function printError(text: string): void {
  process.stderr.write(`${lines(text)}\n`);
}

/** Prints one line of JSON, with control characters escaped. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(value)}\n`);
}

/** JSON with the characters that `printable` replaces written as `\uXXXX`. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) =>
    Array.from(
      { length: character.length },
      (_, k) => `\\u${character.charCodeAt(k).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
