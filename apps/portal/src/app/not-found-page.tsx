import { IconMapQuestion } from '@tabler/icons-react';
import { PageState } from '../ui/page-state.tsx';
import { texts } from '../ui/texts.ts';
import { usePageTitle } from '../ui/use-page-title.ts';

export function NotFoundPage() {
  usePageTitle(texts.notFound.title);
  return (
    <PageState
      icon={IconMapQuestion}
      title={texts.notFound.title}
      body={texts.notFound.body}
      action={{ label: texts.notFound.toSessions, to: '/sessions' }}
      level={1}
    />
  );
}
