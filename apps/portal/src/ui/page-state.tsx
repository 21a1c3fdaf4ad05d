import { Button, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import { Link } from 'react-router';
import classes from './page-state.module.css';

type Action = { readonly label: string } & (
  | { readonly to: string }
  | { readonly onClick: () => void; readonly busy?: boolean }
);

interface PageStateProps {
  readonly icon: Icon;
  readonly title: string;
  readonly body: string;
  readonly action?: Action;
  /** Level of the heading: 1 if this is the whole page. */
  readonly level: 1 | 2;
  /** Whether screen readers announce it immediately. */
  readonly alert?: boolean;
}

/** Shown instead of missing content: the reason, and what to do. */
export function PageState({ icon: Icon, title, body, action, level, alert }: PageStateProps) {
  return (
    <Stack className={classes.state} align="center" gap="md" role={alert ? 'alert' : undefined}>
      <ThemeIcon size={64} radius="xl" variant="light" aria-hidden="true">
        <Icon size={32} stroke={1.6} />
      </ThemeIcon>
      <Title order={level} size="h3" ta="center">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={480} className={classes.body}>
        {body}
      </Text>
      {action && <StateAction action={action} />}
    </Stack>
  );
}

function StateAction({ action }: { action: Action }) {
  if ('to' in action) {
    return (
      <Button component={Link} to={action.to} variant="light">
        {action.label}
      </Button>
    );
  }
  return (
    <Button variant="light" loading={action.busy ?? false} onClick={action.onClick}>
      {action.label}
    </Button>
  );
}
