import { expect, test, vi } from 'vitest';
import { print, printable, printJson } from './print.ts';

const esc = '\u001b';

/** The output on stdout during a call. */
function written(work: () => void): string {
  let text = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  work();
  spy.mockRestore();
  return text;
}

test('control characters are shown and not executed by the terminal', () => {
  expect(printable(`a${esc}[31mb\u009b2Jc\rd\ne`)).toBe('a\\x1b[31mb\\x9b2Jc\\x0dd\\ne');
  expect(printable('invoice\u202egpj.exe')).toBe('invoice\\u{202e}gpj.exe');
  expect(printable('a\ud800b\u2028c')).toBe('a\\u{d800}b\\u{2028}c');
});

test('names in any script are unchanged', () => {
  for (const name of ['Käfer 1.jpg', '小米.HEIC', 'صورة.jpg', '📷.jpg', 'C:\\photos\\a.jpg'])
    expect(printable(name)).toBe(name);
});

test('line breaks of a text are kept', () => {
  expect(written(() => print(`one\ntwo${esc}c`))).toBe('one\ntwo\\x1bc\n');
});

test('JSON has the same text, with control characters as standard escapes', () => {
  const value = { file: `a${esc}[31m\u009b\u202e\u{e0001}\n"b".jpg` };
  const text = written(() => printJson(value));
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toMatch(/^[\x20-\x7e]+\n$/);
});
