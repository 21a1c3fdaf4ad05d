import { lookUp } from '@spinbay/contracts';
import { type Icon, IconCamera, IconDeviceMobile, IconTerminal2, IconWorld } from '@tabler/icons-react';

const icons: Readonly<Record<string, Icon>> = { cli: IconTerminal2, web: IconWorld, tether: IconCamera };

/** The icon of a device. A device can send any text as its platform. */
export function platformIcon(platform: string): Icon {
  return lookUp(icons, platform, IconDeviceMobile);
}
