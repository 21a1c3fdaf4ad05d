import { IconLock } from '@tabler/icons-react';
import { PageState } from '../ui/page-state.tsx';
import { texts } from '../ui/texts.ts';
import { usePageTitle } from '../ui/use-page-title.ts';

export function ForbiddenPage() {
  usePageTitle(texts.forbidden.title);
  return (
    <PageState
      icon={IconLock}
      title={texts.forbidden.title}
      body={texts.forbidden.body}
      action={{ label: texts.notFound.toSessions, to: '/sessions' }}
      level={1}
    />
  );
}
