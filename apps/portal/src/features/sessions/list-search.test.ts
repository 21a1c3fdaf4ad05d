import { expect, it } from 'vitest';
import { everything, formatListSearch, parseListSearch, searchTextOf } from './list-search.ts';

const site = '01900000-0000-7000-8000-000000000001';

it('parses what it writes', () => {
  for (const address of ['', `site=${site}`, 'status=active', `site=${site}&status=completed&mode=stills&q=A+17`]) {
    expect(formatListSearch(parseListSearch(new URLSearchParams(address))).toString()).toBe(address);
  }
});

it('ignores invalid values', () => {
  for (const address of ['site=x&status=gone&mode=walk', 'q=', 'q=a', `q=${'a'.repeat(65)}`, 'q=%00ab', 'site=']) {
    expect(parseListSearch(new URLSearchParams(address))).toEqual(everything);
  }
});

it('normalizes the search like stock numbers, from two characters', () => {
  expect(searchTextOf('  lot   17a ')).toBe('LOT 17A');
  for (const typed of ['', ' ', 'a', ' a ', '\u0000\u0001']) expect(searchTextOf(typed)).toBeNull();
});
