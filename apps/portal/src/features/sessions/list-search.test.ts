import { expect, it } from 'vitest';
import { formatListSearch, parseListSearch } from './list-search.ts';

const site = '01900000-0000-7000-8000-000000000001';

it('reads back what it writes', () => {
  for (const address of ['', `site=${site}`, 'status=active', `site=${site}&status=completed&page=7`]) {
    expect(formatListSearch(parseListSearch(new URLSearchParams(address))).toString()).toBe(address);
  }
});

it('takes what makes no sense for not said', () => {
  const nothing = { siteId: null, status: null, page: 1 };
  for (const address of ['site=x&status=gone&page=0', 'page=-1', 'page=1.5', 'page=abc', 'page=99999999', 'site=']) {
    expect(parseListSearch(new URLSearchParams(address))).toEqual(nothing);
  }
});
