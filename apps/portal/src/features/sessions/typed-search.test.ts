import { expect, it } from 'vitest';
import { searchInEffect, searchToSend, type TypedSearch } from './typed-search.ts';

const typed = (text: string, ...sent: (string | null)[]): TypedSearch => ({ typed: text, sent });

it('keeps what is typed while an earlier search takes effect', () => {
  const field = searchInEffect(typed('bulk-1', 'BULK'), 'BULK');
  expect(field).toEqual(typed('bulk-1'));
  expect(searchToSend(field, 'BULK')).toBe('BULK-1');
  expect(searchInEffect(typed('bulk-12', 'BULK', 'BULK-1'), 'BULK')).toEqual(typed('bulk-12', 'BULK-1'));
});

it('does not wait for searches that a later one replaced', () => {
  expect(searchInEffect(typed('bulk-12', 'BULK', 'BULK-1'), 'BULK-1')).toEqual(typed('bulk-12'));
});

it('shows a search that comes from elsewhere', () => {
  expect(searchInEffect(typed('bulk-1'), null)).toEqual(typed(''));
  expect(searchInEffect(typed(''), 'BULK')).toEqual(typed('BULK'));
  expect(searchInEffect(typed('bulk-1', 'BULK-1'), 'OTHER')).toEqual(typed('OTHER'));
  expect(searchInEffect(typed('bulk'), 'BULK')).toEqual(typed('bulk'));
});

it('sends each search once, and sends the removal of one that is about to take effect', () => {
  expect(searchToSend(typed('bulk'), null)).toBe('BULK');
  expect(searchToSend(typed('bulk', 'BULK'), null)).toBeUndefined();
  expect(searchToSend(typed('', 'BULK'), null)).toBeNull();
  expect(searchToSend(typed(''), null)).toBeUndefined();
});
