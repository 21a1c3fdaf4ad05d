import { Progress, Text } from '@mantine/core';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { locale } from '../../../ui/texts.ts';
import type { Organization } from '../api/queries.ts';
import classes from './codes.module.css';

const words = adminTexts.usage;

/** The stored bytes and the sessions started today, with the limits if the operator of the server has set any. */
export function Usage({ organization }: { organization: Organization }) {
  const { quota_bytes = null, quota_sessions_per_day = null, stored_bytes, sessions_today } = organization;
  // A server of an earlier release sends neither.
  if (stored_bytes === undefined || sessions_today === undefined) return null;
  const limited = quota_bytes !== null || quota_sessions_per_day !== null;
  return (
    <section className={classes.mode} data-testid="usage">
      <Text fw={600} size="sm">
        {words.title}
      </Text>
      <Line
        text={words.stored(gigabytes(stored_bytes), quota_bytes === null ? null : gigabytes(quota_bytes))}
        used={stored_bytes}
        limit={quota_bytes}
      />
      <Line
        text={words.sessions(sessions_today, quota_sessions_per_day)}
        used={sessions_today}
        limit={quota_sessions_per_day}
      />
      <Text size="sm" c="dimmed" mt="xs">
        {limited ? words.limited : words.unlimited}
      </Text>
    </section>
  );
}

function Line({ text, used, limit }: { text: string; used: number; limit: number | null }) {
  const share = limit === null ? null : limit === 0 ? 100 : Math.min(100, (used / limit) * 100);
  return (
    <>
      <Text size="sm" mt="xs">
        {text}
      </Text>
      {share !== null && (
        <Progress
          value={share}
          color={share >= 100 ? 'red' : share >= 90 ? 'yellow' : undefined}
          mt={4}
          aria-label={text}
        />
      )}
    </>
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toLocaleString(locale, { maximumFractionDigits: bytes < 1e9 ? 3 : 1 })} GB`;
}
