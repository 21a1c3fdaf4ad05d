import { Button, Loader } from '@mantine/core';
import { texts } from '../../../ui/texts.ts';
import type { useSessionList } from '../api/use-session-list.ts';
import classes from './sessions.module.css';

/** Below the last line: more is loading, could not be loaded, or there is no more. */
export function ListEnd({
  list,
}: {
  list: Pick<ReturnType<typeof useSessionList>, 'more' | 'moreState' | 'loadMore'>;
}) {
  const { more, moreState, loadMore } = list;
  return (
    <div className={classes.end} data-testid="list-end" data-more={more}>
      {!more && texts.sessions.theEnd}
      {more && moreState === 'failed' && (
        <>
          <span role="alert">{texts.sessions.moreFailed}</span>
          <Button size="xs" variant="default" onClick={loadMore}>
            {texts.tryAgain}
          </Button>
        </>
      )}
      {more && moreState !== 'failed' && (
        <>
          <Loader size="xs" aria-hidden="true" />
          {texts.sessions.loadingMore}
        </>
      )}
    </div>
  );
}
