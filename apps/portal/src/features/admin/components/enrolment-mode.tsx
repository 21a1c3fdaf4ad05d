import { Button, Code, CopyButton, Group, Radio, Stack, Text } from '@mantine/core';
import { Enrolment, lookUp } from '@spinbay/contracts';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { adminTexts } from '../../../ui/admin-texts.ts';
import type { Organization } from '../api/queries.ts';
import classes from './codes.module.css';
import { useOrganizationChange } from './use-organization-change.ts';

const words = adminTexts.codes;
const modes = ['code', 'open'] as const satisfies readonly Enrolment[];

/** Whether a device needs a code to enrol. A change takes effect immediately and can be undone. */
export function EnrolmentMode({ organization }: { organization: Organization }) {
  const { shown, change } = useOrganizationChange(organization, ({ enrolment }) => ({
    text: lookUp<string>(words.modeChanged, enrolment, enrolment),
    back: { enrolment: enrolment === 'open' ? 'code' : 'open' },
  }));
  return (
    <section className={classes.mode}>
      <Radio.Group
        label={words.mode}
        value={shown.enrolment}
        onChange={(value) => change({ enrolment: Enrolment.parse(value) })}
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
