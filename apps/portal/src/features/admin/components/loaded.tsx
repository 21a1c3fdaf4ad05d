import { Skeleton } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { formatClock } from '../../../ui/format.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { StaleNotice } from '../../../ui/stale-notice.tsx';
import { texts } from '../../../ui/texts.ts';
import classes from './admin.module.css';

const rows = ['a', 'b', 'c', 'd', 'e'];

type Asked<Data> = Pick<
  UseQueryResult<Data>,
  'data' | 'error' | 'isError' | 'isFetching' | 'isPending' | 'dataUpdatedAt'
> & { readonly refetch: () => Promise<unknown> };

interface LoadedProps<Data> {
  readonly query: Asked<Data>;
  readonly children: (data: Data) => ReactNode;
}

/** The loaded content. Until then a skeleton, or the reason why it cannot be loaded. */
export function Loaded<Data>({ query, children }: LoadedProps<Data>) {
  const retry = () => void query.refetch();
  if (query.data === undefined) {
    if (!query.isError) {
      return (
        <div className={classes.panel} role="status" aria-label={texts.loading}>
          {rows.map((row) => (
            <div key={row} className={classes.skeletonRow}>
              <Skeleton width="30%" height={16} />
              <Skeleton width="18%" height={14} />
              <Skeleton width="24%" height={14} />
            </div>
          ))}
        </div>
      );
    }
    const { title, body } = faultWords(query.error);
    return (
      <PageState
        icon={IconCloudOff}
        title={adminTexts.failedToLoad}
        body={`${title}. ${body}`}
        action={{ label: texts.tryAgain, onClick: retry, busy: query.isFetching }}
        level={2}
        alert
      />
    );
  }
  return (
    <>
      {query.isError && (
        <StaleNotice
          title={adminTexts.staleTitle}
          body={adminTexts.stale(formatClock(query.dataUpdatedAt))}
          onRetry={retry}
        />
      )}
      {children(query.data)}
    </>
  );
}
