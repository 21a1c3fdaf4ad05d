import { Button, Code, CopyButton, Group, Radio, Stack, Text } from '@mantine/core';
import { Enrolment } from '@spinbay/contracts';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { forgetAudit, type Organization, organizationQuery } from '../api/queries.ts';
import classes from './codes.module.css';
import { useNotice } from './notice.tsx';

const words = adminTexts.codes;
const modes = ['code', 'open'] as const satisfies readonly Enrolment[];

/** Whether a device needs a code to get in. It counts at once, and can be taken back. */
export function EnrolmentMode({ organization }: { organization: Organization }) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const change = useMutation({
    mutationFn: async (enrolment: Enrolment) => (await client.updateOrganization({ body: { enrolment } })).body,
    onSuccess: (changed) => {
      queries.setQueryData(organizationQuery(client).queryKey, changed);
      forgetAudit(queries);
      const before = changed.enrolment === 'open' ? 'code' : 'open';
      notify({ text: words.modeChanged[changed.enrolment], undo: () => change.mutate(before) });
    },
    onError: (error) => notify({ text: `${adminTexts.faults.not_done}. ${faultWords(error).title}`, failed: true }),
  });
  return (
    <section className={classes.mode}>
      <Radio.Group
        label={words.mode}
        // What was chosen is shown while the server is asked; where it refuses, it jumps back.
        value={change.isPending ? change.variables : organization.enrolment}
        onChange={(value) => !change.isPending && change.mutate(Enrolment.parse(value))}
      >
        <Stack gap="sm" mt="sm">
          {modes.map((mode) => (
            <Radio key={mode} value={mode} label={words.modes[mode]} description={words.modeHints[mode]} />
          ))}
        </Stack>
      </Radio.Group>
      <Group gap="xs" mt="md">
        <Text size="sm" c="dimmed">
          {words.orgId}
        </Text>
        <Code className={classes.orgId}>{organization.id}</Code>
        <CopyButton value={organization.id}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`${copied ? adminTexts.copied : adminTexts.copy}: ${words.orgId}`}
              leftSection={
                copied ? <IconCheck size={16} aria-hidden="true" /> : <IconCopy size={16} aria-hidden="true" />
              }
              onClick={copy}
            >
              {copied ? adminTexts.copied : adminTexts.copy}
            </Button>
          )}
        </CopyButton>
      </Group>
    </section>
  );
}
