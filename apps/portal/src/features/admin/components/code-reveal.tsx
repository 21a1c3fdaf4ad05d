import { Button, CopyButton, Group, Text } from '@mantine/core';
import { lookUp } from '@spinbay/contracts';
import { type Icon, IconBan, IconCheck, IconCircleCheck, IconClockOff, IconCopy, IconLock } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { pollDelay } from '../../../api/poll-delay.ts';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { codesQuery, devicesQuery } from '../api/queries.ts';
import { codeOutcome } from '../code-outcome.ts';
import { spanLeft } from '../relative-time.ts';
import { useNow } from './ago.tsx';
import type { NewCode } from './code-form.tsx';
import classes from './codes.module.css';
import { QrCode } from './qr-code.tsx';
import { useDirectory } from './use-directory.ts';

const words = adminTexts.codes;

/** Shows a new code, large enough to scan and to read across a table. It cannot be shown again. */
export function CodeReveal({ made, onDone }: { made: NewCode; onDone: () => void }) {
  return (
    <div className={classes.reveal}>
      <Text ta="center" fw={600}>
        {made.label === null ? words.once : `${words.readyFor(made.label)}. ${words.once}`}
      </Text>
      <QrCode text={made.enrol_url} label={words.qr} />
      <Text ta="center" size="sm" c="dimmed">
        {words.scan}
      </Text>
      <output className={classes.code} aria-label={words.code} data-testid="enrolment-code">
        {made.code}
      </output>
      <Outcome made={made} />
      <Group justify="center" gap="sm">
        <CopyButton value={made.code}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              data-autofocus
              leftSection={
                copied ? <IconCheck size={18} aria-hidden="true" /> : <IconCopy size={18} aria-hidden="true" />
              }
              onClick={copy}
            >
              {copied ? adminTexts.copied : words.copyCode}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{adminTexts.done}</Button>
      </Group>
    </div>
  );
}

type End = { readonly icon: Icon; readonly text: string };

/** The states of a code that has not enrolled a device and can no longer enrol one. */
const ends: Readonly<Record<'revoked' | 'exhausted' | 'expired', End>> = {
  revoked: { icon: IconBan, text: words.revokedMeanwhile },
  exhausted: { icon: IconLock, text: words.lockedMeanwhile },
  expired: { icon: IconClockOff, text: words.gone },
};

/** The remaining lifetime, until a device has used the code. */
function Outcome({ made }: { made: NewCode }) {
  const { client } = useApi();
  const now = useNow(1000);
  const codes = useInfiniteQuery({
    ...codesQuery(client),
    refetchInterval: ({ state }) => pollDelay(state, 3000),
  });
  const devices = useDirectory().devices;
  const line = codes.data?.pages[0]?.items.find(({ id }) => id === made.id);
  const left = made.until - now;
  const outcome = codeOutcome(line?.state, left);
  const used = outcome === 'used';
  const end = lookUp<End | null>(ends, outcome, null);
  useRefreshDevices(used);
  const device = line?.device_id ? devices.get(line.device_id) : undefined;
  return (
    <div className={classes.outcome} data-used={used}>
      <div role="status">
        {used && (
          <span className={classes.enrolled}>
            <IconCircleCheck size={20} aria-hidden="true" />
            {words.enrolled(device ?? made.label ?? words.unnamed)}
          </span>
        )}
        {end && (
          <span className={classes.ended}>
            <end.icon size={18} aria-hidden="true" />
            {end.text}
          </span>
        )}
      </div>
      {outcome === 'open' && (
        <span className={classes.waiting}>
          <span className={classes.pulse} aria-hidden="true" />
          <span>{words.waiting}</span>
          <span>{words.left(spanLeft(left))}</span>
        </span>
      )}
    </div>
  );
}

/** Loads the devices again once the code is used, because the loaded list does not contain the new one. */
function useRefreshDevices(used: boolean): void {
  const { client } = useApi();
  const { refetch } = useInfiniteQuery(devicesQuery(client));
  useEffect(() => {
    if (used) void refetch();
  }, [used, refetch]);
}
