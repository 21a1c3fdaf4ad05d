import { Button, Text } from '@mantine/core';
import type { Session, SessionStatus } from '@spinbay/contracts';
import { IconBan, IconCheck, IconRotateClockwise } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi, useIdentity } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { notifyOtherTabs } from '../api/other-tabs.ts';
import type { GalleryCounts } from '../gallery.ts';
import { Ask } from './ask.tsx';
import classes from './session-state-control.module.css';

interface SessionStateControlProps {
  readonly session: Session;
  readonly counts: GalleryCounts;
}

const { ending: words } = reviewTexts;

/**
 * Completes, abandons or reopens the session. Asks before it abandons a session, and before it completes one with missing,
 * pending or failed frames.
 */
export function SessionStateControl({ session, counts }: SessionStateControlProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const role = useIdentity()?.user.role;
  const [asking, setAsking] = useState<'completed' | 'abandoned' | null>(null);
  const { id, status } = session;
  const change = useMutation({
    mutationFn: async (to: SessionStatus) =>
      (await client.updateSession({ params: { session_id: id }, body: { status: to } })).body,
    onSuccess: (changed) => queries.setQueryData(['session', id], changed),
    // Also after a refusal, because somebody else may have changed the session first.
    onSettled: () => {
      for (const queryKey of [['session', id], ['images', id], ['sessions']])
        void queries.invalidateQueries({ queryKey });
      notifyOtherTabs(id);
    },
  });
  if (role !== 'reviewer' && role !== 'admin') return null;
  const go = (to: SessionStatus) => {
    if (!change.isPending) change.mutate(to);
  };
  const { missing, pending, expired, fail } = counts;
  const lacking = [
    missing + expired > 0 && words.missing(missing + expired),
    pending > 0 && words.pending(pending),
    fail > 0 && words.failed(fail),
  ].filter((text) => text !== false);
  return (
    <div className={classes.control} data-testid="session-state">
      {status === 'active' ? (
        <>
          <Button
            variant="default"
            aria-busy={change.isPending}
            leftSection={<IconCheck size={18} aria-hidden="true" />}
            onClick={() => (lacking.length > 0 ? setAsking('completed') : go('completed'))}
          >
            {words.complete}
          </Button>
          <Button
            variant="subtle"
            aria-busy={change.isPending}
            leftSection={<IconBan size={18} aria-hidden="true" />}
            onClick={() => setAsking('abandoned')}
          >
            {words.abandon}
          </Button>
        </>
      ) : (
        <Button
          variant="default"
          aria-busy={change.isPending}
          leftSection={<IconRotateClockwise size={18} aria-hidden="true" />}
          onClick={() => go('active')}
        >
          {words.reopen}
        </Button>
      )}
      {change.isError && (
        <p className={classes.fault} role="alert">
          {words.refused} {faultWords(change.error).body}
        </p>
      )}
      {asking && (
        <Ask
          title={words.ask[asking].title}
          confirm={words.ask[asking].confirm}
          cancel={words.ask[asking].cancel}
          onConfirm={() => go(asking)}
          onClose={() => setAsking(null)}
        >
          {asking === 'completed' && (
            <ul>
              {lacking.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          )}
          <Text size="sm">{words.ask[asking].body}</Text>
        </Ask>
      )}
    </div>
  );
}
