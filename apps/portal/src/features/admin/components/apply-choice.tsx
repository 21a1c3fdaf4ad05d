import { Button, Group, Progress, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { qcThresholdsQuery } from '../../../api/use-qc-thresholds.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { applyChoice, type Choice } from '../api/apply-choice.ts';
import { invalidateAudit, rejudgementQuery } from '../api/queries.ts';
import { BusyButton } from './busy-button.tsx';
import { Dialog } from './dialog.tsx';
import { useNotice } from './notice.tsx';
import classes from './quality.module.css';

interface ApplyChoiceProps {
  readonly choice: Choice;
  readonly isInUse: boolean;
  /** What the choice would change. */
  readonly children: ReactNode;
}

const words = adminTexts.quality;

/** Applies the choice to new frames or to all, and shows the progress of judging all. */
export function ApplyChoice({ choice, isInUse, children }: ApplyChoiceProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const [asking, setAsking] = useState(false);
  const apply = useMutation({
    mutationFn: (all: boolean) => applyChoice({ client, queries }, choice, all),
    onSuccess: notify,
    onError: (error) => notify({ text: `${adminTexts.faults.not_done}. ${faultWords(error).title}`, failed: true }),
    onSettled: () => {
      invalidateAudit(queries);
      void queries.invalidateQueries(qcThresholdsQuery(client));
    },
  });
  return (
    <section className={classes.section} aria-labelledby="quality-apply">
      <Title order={2} size="h4" id="quality-apply">
        {words.apply}
      </Title>
      {children}
      <Group gap="sm" mt="xs">
        {/* Not `disabled`: the button would lose the focus once the choice is applied. */}
        <BusyButton
          busy={apply.isPending}
          aria-disabled={isInUse}
          data-disabled={isInUse || undefined}
          onClick={() => {
            if (!isInUse) apply.mutate(false);
          }}
        >
          {words.applyNew}
        </BusyButton>
        <Button variant="default" onClick={() => setAsking(true)}>
          {words.applyAll}
        </Button>
      </Group>
      <RejudgementProgress />
      <Dialog opened={asking} onClose={() => setAsking(false)} title={words.allTitle}>
        <Text size="sm">{words.allBody}</Text>
        <Group justify="flex-end" gap="sm" mt="md">
          <Button variant="default" onClick={() => setAsking(false)}>
            {adminTexts.cancel}
          </Button>
          <BusyButton
            busy={apply.isPending}
            onClick={() => {
              setAsking(false);
              apply.mutate(true);
            }}
          >
            {words.allConfirm}
          </BusyButton>
        </Group>
      </Dialog>
    </section>
  );
}

function RejudgementProgress() {
  const { client } = useApi();
  const queries = useQueryClient();
  const { data: rejudgement } = useQuery(rejudgementQuery(client));
  const finishedAt = rejudgement?.finished_at ?? null;
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && finishedAt !== null) invalidateAudit(queries);
    wasOpen.current = rejudgement != null && finishedAt === null;
  }, [rejudgement, finishedAt, queries]);
  if (!rejudgement) return null;
  const text = words.rejudgement(rejudgement);
  const { done, total } = rejudgement;
  return (
    <div className={classes.progress} data-testid="rejudgement" data-finished={finishedAt !== null}>
      {finishedAt === null && <Progress value={total === 0 ? 0 : (done / total) * 100} aria-label={text} />}
      <Text size="sm" role="status">
        {text}
      </Text>
    </div>
  );
}
