import { IconDeviceMobile, IconTerminal2 } from '@tabler/icons-react';
import { expect, it } from 'vitest';
import { platformIcon } from './platform-icon.ts';

it('shows the icon of a phone for an unknown platform, even if it is called like an inherited property', () => {
  expect(platformIcon('cli')).toBe(IconTerminal2);
  for (const platform of ['ios', 'constructor', '__proto__', 'toString'])
    expect(platformIcon(platform)).toBe(IconDeviceMobile);
});
