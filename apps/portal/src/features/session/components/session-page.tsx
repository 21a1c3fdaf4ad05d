import { Anchor } from '@mantine/core';
import { ApiError } from '@spinbay/client';
import { SessionId } from '@spinbay/contracts';
import { IconArrowLeft, IconCarOff, IconCloudOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useApi, useReach } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { formatClock } from '../../../ui/format.ts';
import { listAddress, listReturn } from '../../../ui/list-address.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { StaleNotice } from '../../../ui/stale-notice.tsx';
import { texts } from '../../../ui/texts.ts';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import { watchForChanges } from '../api/other-tabs.ts';
import { imagesQuery, sessionQuery } from '../api/queries.ts';
import { useErasing } from '../api/use-erasing.ts';
import { usePublishing } from '../api/use-publishing.ts';
import { buildGallery, withLabels } from '../gallery.ts';
import { livenessOf } from '../liveness.ts';
import { applyDecisions } from '../publishing.ts';
import { EraseControl } from './erase-control.tsx';
import { ErasedNotice } from './erased-notice.tsx';
import { ReviewSection } from './review-section.tsx';
import classes from './session.module.css';
import { SessionHeader } from './session-header.tsx';
import { SessionProgress } from './session-progress.tsx';
import { SessionSkeleton } from './session-skeleton.tsx';
import { SessionStateControl } from './session-state-control.tsx';
import { SpinNotesPanel } from './spin-notes-panel.tsx';

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
  const { client, clock } = useApi();
  const queries = useQueryClient();
  const session = useQuery(sessionQuery(client, id));
  const reach = useReach();
  const [lookedAt, setLookedAt] = useState(Date.now);
  const seen = { session: session.data, sessionAt: session.dataUpdatedAt, lookedAt };
  const images = useQuery(imagesQuery(client, queries, id, seen, clock.now));
  const publishing = usePublishing(id);
  const erasing = useErasing();
  const [refetchSession, refetchImages] = [session.refetch, images.refetch];
  const refresh = useCallback(() => Promise.all([refetchSession(), refetchImages()]), [refetchSession, refetchImages]);
  const retry = useCallback(() => void refresh(), [refresh]);
  useEffect(
    () =>
      watchForChanges(id, () => {
        setLookedAt(Date.now());
        void refresh();
      }),
    [id, refresh],
  );
  const vehicle = session.data?.vehicle;
  usePageTitle(vehicle ? (vehicle.stock ?? vehicle.vin ?? texts.sessions.noStock) : texts.loading);

  const known = images.data?.items;
  const { waiting } = publishing;
  const shotList = session.data?.shot_list;
  const shown = useMemo(
    () => known && shotList && withLabels(shotList, applyDecisions(known, waiting)),
    [known, shotList, waiting],
  );
  const gallery = useMemo(() => shotList && shown && buildGallery(shotList, shown), [shotList, shown]);

  const error = session.error ?? images.error;
  if (erasing.erased) return <ErasedNotice erased={erasing.erased} restore={erasing.restore} />;
  if (session.error instanceof ApiError && session.error.code === 'session_not_found') return <NoSuchSession />;
  if (!session.data || !images.data || !shown || !gallery) {
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
  const updatedAt = Math.min(session.dataUpdatedAt, images.dataUpdatedAt);
  const { spin_qc: spinQc, status } = session.data;
  const liveness = livenessOf(session.data, images.data.items, clock.now());
  // In a stalled session, frames that have not arrived count as missing.
  const ended = status !== 'active' || liveness.state === 'stalled';
  return (
    <article>
      <SessionHeader session={session.data} />
      {error && reach === 'reached' && (
        <StaleNotice
          title={texts.session.staleTitle}
          body={texts.session.stale(formatClock(updatedAt))}
          onRetry={retry}
        />
      )}
      <SessionProgress
        counts={gallery.counts}
        ended={ended}
        liveness={error ? null : liveness}
        updatedAt={images.dataUpdatedAt}
        onRefresh={refresh}
      />
      <div className={classes.controls}>
        <SessionStateControl session={session.data} counts={gallery.counts} />
        <EraseControl session={session.data} photos={images.data.total} erasing={erasing} />
      </div>
      {spinQc && <SpinNotesPanel qc={spinQc} />}
      <ReviewSection
        gallery={gallery}
        turntable={session.data.turntable === 'counterclockwise' ? 'counterclockwise' : 'clockwise'}
        images={shown}
        total={images.data.total}
        ended={ended}
        publishing={publishing}
        refresh={retry}
      />
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
