import { expect, it } from 'vitest';
import { changedFields } from './changed-fields.ts';

const opened = { name: 'Ada', role: 'admin', site_ids: ['s1', 's2'] };

it('contains only the fields that somebody changed, so that the form does not undo what another administrator did', () => {
  expect(changedFields(opened, { ...opened, name: 'Ada B.' })).toEqual({ name: 'Ada B.' });
  expect(changedFields(opened, { ...opened, role: 'operator', site_ids: [] })).toEqual({
    role: 'operator',
    site_ids: [],
  });
});

it('does not count another order of the same sites as a change', () => {
  expect(changedFields(opened, { ...opened, site_ids: ['s2', 's1'] })).toEqual({});
  expect(changedFields(opened, { ...opened, site_ids: ['s2', 's3'] })).toEqual({ site_ids: ['s2', 's3'] });
});
