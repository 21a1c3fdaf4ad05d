import { Alert, Button, Group, Text } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import classes from './stale-notice.module.css';
import { texts } from './texts.ts';

interface StaleNoticeProps {
  readonly title: string;
  readonly body: string;
  readonly onRetry: () => void;
}

/** Shown above data that may be out of date, because it could not be loaded again. */
export function StaleNotice({ title, body, onRetry }: StaleNoticeProps) {
  return (
    <Alert
      color="yellow"
      variant="light"
      mb="md"
      icon={<IconCloudOff />}
      title={title}
      classNames={{ title: classes.title }}
      role="alert"
      data-testid="stale"
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">{body}</Text>
        <Button size="xs" variant="default" onClick={onRetry}>
          {texts.tryAgain}
        </Button>
      </Group>
    </Alert>
  );
}
