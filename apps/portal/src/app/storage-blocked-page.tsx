import { IconCookieOff } from '@tabler/icons-react';
import { texts } from '../ui/texts.ts';
import { StandalonePage } from './standalone-page.tsx';

export function StorageBlockedPage() {
  const { title, body } = texts.storage;
  return <StandalonePage icon={IconCookieOff} title={title} body={body} reload={texts.crash.reload} />;
}
