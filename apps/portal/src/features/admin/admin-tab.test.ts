import { expect, it } from 'vitest';
import { adminTab } from './admin-tab.ts';

it('reads the tab from the address, and shows the first one for an unknown tab', () => {
  expect(adminTab('audit')).toBe('audit');
  for (const asked of [null, '', 'Audit', '__proto__', '<script>']) expect(adminTab(asked)).toBe('sites');
});
