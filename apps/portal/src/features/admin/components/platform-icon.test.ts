import { IconDeviceMobile, IconTerminal2 } from '@tabler/icons-react';
import { expect, it } from 'vitest';
import { platformIcon } from './platform-icon.ts';

it('is the icon of a phone for any other platform, also for names that every object inherits', () => {
  expect(platformIcon('cli')).toBe(IconTerminal2);
  for (const platform of ['ios', 'constructor', '__proto__', 'toString'])
    expect(platformIcon(platform)).toBe(IconDeviceMobile);
});
