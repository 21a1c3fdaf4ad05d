import { IconPlugConnectedX } from '@tabler/icons-react';
import { texts } from '../ui/texts.ts';
import { StandalonePage } from './standalone-page.tsx';

/** Shown if the settings of the app are missing or incomplete. */
export function ConfigErrorPage({ reason }: { reason: string }) {
  const { title, advice, reload } = texts.config;
  return <StandalonePage icon={IconPlugConnectedX} title={title} body={`${reason} ${advice}`} reload={reload} />;
}
