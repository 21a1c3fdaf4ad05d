import { ActionIcon, Button, Code, CopyButton, Text } from '@mantine/core';
import { IconCameraPlus, IconCheck, IconCopy, IconKey } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useApi, useIdentity } from '../../../api/api-context.tsx';
import { faultWords } from '../../../api/faults.ts';
import { PageState } from '../../../ui/page-state.tsx';
import { texts } from '../../../ui/texts.ts';
import classes from './sessions.module.css';

const words = texts.sessions.first;

/** Shown instead of the list while there is no session: how to create the first one, with the values that this needs. */
export function FirstSession() {
  const user = useIdentity()?.user;
  return (
    <>
      <PageState
        icon={IconCameraPlus}
        title={words.title}
        body={user?.role === 'admin' ? words.body : words.askAdmin}
        level={2}
      />
      {user?.role === 'admin' && <Instructions orgId={user.org_id} />}
    </>
  );
}

function Instructions({ orgId }: { orgId: string }) {
  const { client, config } = useApi();
  const make = useMutation({
    // The code is for the first site, the one that "spinbay ingest" uses by default.
    mutationFn: async () => {
      const [site] = (await client.listSites()).body.items;
      return (await client.createEnrolmentCode({ body: site ? { site_ids: [site.id] } : {} })).body.code;
    },
    // The code is a secret and must not stay in a cache after the page is closed.
    gcTime: 0,
  });
  const command = `npx spinbay ingest FOLDER --stock A1 --api ${config.api_url} --org ${orgId}${make.data ? ` --code ${make.data}` : ''}`;
  const facts = [
    [words.api, config.api_url],
    [words.organization, orgId],
    ...(make.data ? [[words.code, make.data] as const] : []),
    [words.command, command],
  ] as const;
  return (
    <div className={classes.first} data-testid="first-session">
      <dl>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Code className={classes.firstValue}>{value}</Code>
              <Copy label={label} value={value} />
            </dd>
          </div>
        ))}
      </dl>
      {make.data ? (
        <Text size="sm" c="dimmed" role="status">
          {words.codeHint}
        </Text>
      ) : (
        <Button
          variant="light"
          aria-busy={make.isPending}
          leftSection={<IconKey size={18} aria-hidden="true" />}
          onClick={() => {
            if (!make.isPending) make.mutate();
          }}
        >
          {words.makeCode}
        </Button>
      )}
      {make.isError && (
        <Text size="sm" c="var(--sb-fail-text)" role="alert">
          {faultWords(make.error).title}. {faultWords(make.error).body}
        </Text>
      )}
    </div>
  );
}

function Copy({ label, value }: { label: string; value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <ActionIcon variant="subtle" aria-label={copied ? words.copied : words.copy(label)} onClick={copy}>
          {copied ? <IconCheck size={18} aria-hidden="true" /> : <IconCopy size={18} aria-hidden="true" />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}
