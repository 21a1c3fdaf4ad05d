import { expect, it } from 'vitest';
import { adminTab } from './admin-tab.ts';

it('reads the tab that the address names, and shows the first one for what is none', () => {
  expect(adminTab('audit')).toBe('audit');
  for (const asked of [null, '', 'Audit', '__proto__', '<script>']) expect(adminTab(asked)).toBe('sites');
});
