import { Anchor } from '@mantine/core';
import { ApiError } from '@spinbay/client';
import { SessionId } from '@spinbay/contracts';
import { IconArrowLeft, IconCarOff, IconCloudOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { formatClock } from '../../../ui/format.ts';
import { listAddress, listReturn } from '../../../ui/list-address.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { StaleNotice } from '../../../ui/stale-notice.tsx';
import { texts } from '../../../ui/texts.ts';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { imagesQuery, moreCanCome, sessionQuery } from '../api/queries.ts';
import { buildGallery } from '../gallery.ts';
import { GallerySection } from './gallery-section.tsx';
import classes from './session.module.css';
import { SessionHeader } from './session-header.tsx';
import { SessionProgress } from './session-progress.tsx';
import { SessionSkeleton } from './session-skeleton.tsx';

export default function SessionPage() {
  const id = SessionId.safeParse(useParams().id);
  return (
    <>
      <Anchor component={Link} to={listAddress()} state={listReturn} className={classes.back}>
        <IconArrowLeft size={18} aria-hidden="true" />
        {texts.session.back}
      </Anchor>
      {id.success ? <LiveSession key={id.data} id={id.data} /> : <NoSuchSession />}
    </>
  );
}

function LiveSession({ id }: { id: SessionId }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const session = useQuery(sessionQuery(client, id));
  const seen = { session: session.data, seenAt: session.dataUpdatedAt };
  const images = useQuery(imagesQuery(client, queries, id, seen));
  const vehicle = session.data?.vehicle;
  usePageTitle(vehicle ? (vehicle.stock ?? vehicle.vin ?? texts.sessions.noStock) : texts.loading);

  const error = session.error ?? images.error;
  if (session.error instanceof ApiError && session.error.code === 'session_not_found') return <NoSuchSession />;
  const retry = () => void Promise.all([session.refetch(), images.refetch()]);
  if (!session.data || !images.data) {
    if (!error) return <SessionSkeleton />;
    return (
      <PageState
        icon={IconCloudOff}
        title={session.data ? texts.session.framesFailedToLoad : texts.session.failedToLoad}
        body={`${faultWords(error).title}. ${faultWords(error).body}`}
        action={{ label: texts.tryAgain, onClick: retry, busy: session.isFetching || images.isFetching }}
        level={1}
        alert
      />
    );
  }
  const gallery = buildGallery(session.data.shot_list, images.data.items);
  const updatedAt = Math.min(session.dataUpdatedAt, images.dataUpdatedAt);
  return (
    <article>
      <SessionHeader session={session.data} />
      {error && (
        <StaleNotice
          title={texts.session.staleTitle}
          body={texts.session.stale(formatClock(updatedAt))}
          onRetry={retry}
        />
      )}
      <SessionProgress
        counts={gallery.counts}
        live={!error && moreCanCome(images.data, images.dataUpdatedAt, seen)}
        updatedAt={images.dataUpdatedAt}
        onRefresh={() => Promise.all([session.refetch(), images.refetch()])}
      />
      <GallerySection gallery={gallery} shown={images.data.items.length} total={images.data.total} />
    </article>
  );
}

function NoSuchSession() {
  usePageTitle(texts.session.notFoundTitle);
  return (
    <PageState
      icon={IconCarOff}
      title={texts.session.notFoundTitle}
      body={texts.session.notFoundBody}
      action={{ label: texts.notFound.toSessions, to: '/sessions' }}
      level={1}
    />
  );
}
