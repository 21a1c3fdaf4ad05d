import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { Client } from '@spinbay/client';
import { lookUp } from '@spinbay/contracts';
import { IconMail } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { faultWords } from '../api/faults.ts';
import { switchOrganization } from '../features/sign-in/api/sign-in.ts';
import { texts } from '../ui/texts.ts';
import classes from './shell.module.css';

const words = texts.invitations;
const queryKey = ['invitations'];
const staleTime = 5 * 60_000;

type Invitation = Awaited<ReturnType<Client['listInvitations']>>['body']['items'][number];

/**
 * A banner: another organization has added this person. Anybody can give an organization any name, so the name is shown only
 * after the person opens the invitation.
 */
export function Invitations() {
  const { client } = useApi();
  const [opened, setOpened] = useState(false);
  const { data: invitations = [] } = useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await client.listInvitations({}, { signal })).body.items,
    staleTime,
  });
  return (
    <div role="status" data-testid="invitations">
      {invitations.length > 0 && (
        <p className={classes.invited}>
          <IconMail size={18} aria-hidden="true" />
          {words.banner(invitations.length)}
          <Button size="compact-sm" variant="default" onClick={() => setOpened(true)}>
            {words.open}
          </Button>
        </p>
      )}
      {opened && <InvitationsDialog invitations={invitations} onClose={() => setOpened(false)} />}
    </div>
  );
}

function InvitationsDialog({ invitations, onClose }: { invitations: readonly Invitation[]; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [joined, setJoined] = useState<Invitation | null>(null);
  const change = useMutation({ mutationFn: (orgId: string) => switchOrganization(api, orgId) });
  const answer = useMutation({
    mutationFn: ({ invitation, accept }: { invitation: Invitation; accept: boolean }) => {
      const request = { params: { invitation_id: invitation.id } };
      return accept ? api.client.acceptInvitation(request) : api.client.refuseInvitation(request);
    },
    onSuccess: (_, { invitation, accept }) => {
      const left = invitations.filter(({ id }) => id !== invitation.id);
      queries.setQueryData(queryKey, left);
      if (accept) setJoined(invitation);
      else if (left.length === 0 && joined === null) onClose();
    },
    // The invitation may have been answered in another tab.
    onError: () => queries.invalidateQueries({ queryKey }),
  });
  const error = answer.error ?? change.error;
  return (
    <Modal
      opened
      onClose={onClose}
      title={words.title}
      centered
      // The header of a page is a landmark, the header of a dialog is not.
      attributes={{ header: { role: 'none' } }}
      radius="lg"
      closeButtonProps={{ 'aria-label': words.later }}
    >
      <Stack gap="md">
        {joined !== null && (
          <Group justify="space-between" wrap="nowrap" role="status">
            <Text className={classes.breakable}>{words.joined(joined.org_name)}</Text>
            <Button
              loading={change.isPending || change.isSuccess}
              onClick={() => change.mutate(joined.org_id)}
              className={classes.answers}
            >
              {words.goThere}
            </Button>
          </Group>
        )}
        {invitations.length > 0 && <Text size="sm">{words.lead}</Text>}
        {invitations.map((invitation) => (
          <Group key={invitation.id} justify="space-between" wrap="nowrap">
            <div className={classes.breakable}>
              <Text fw={600}>{invitation.org_name}</Text>
              <Text size="sm" c="dimmed">
                {words.as(lookUp<string>(texts.header.roles, invitation.role, invitation.role))}
              </Text>
            </div>
            <Group gap="xs" wrap="nowrap" className={classes.answers}>
              <Button
                variant="default"
                aria-label={words.refuseOf(invitation.org_name)}
                disabled={answer.isPending}
                onClick={() => answer.mutate({ invitation, accept: false })}
              >
                {words.refuse}
              </Button>
              <Button
                aria-label={words.acceptOf(invitation.org_name)}
                disabled={answer.isPending}
                onClick={() => answer.mutate({ invitation, accept: true })}
              >
                {words.accept}
              </Button>
            </Group>
          </Group>
        ))}
        {error !== null && (
          <Text size="sm" c="var(--sb-fail-text)" role="alert">
            {faultWords(error).title}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
