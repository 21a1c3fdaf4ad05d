import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconInfoCircle, IconLogin2 } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'react-router';
import { useApi } from '../../../api/api-context.tsx';
import { Identity } from '../../../api/identity.ts';
import { Logo } from '../../../ui/logo.tsx';
import { texts } from '../../../ui/texts.ts';
import { loginPath, signInTabAddress } from '../return-path.ts';
import classes from './sign-in.module.css';

const words = texts.signIn;

/**
 * Covers a page whose sign-in has expired, until another tab has signed in. The page below keeps its state. It is hidden,
 * because another person may be at the screen now.
 */
export function SignInAgain({ orgId }: { orgId: string }) {
  const { identity } = useApi();
  const queries = useQueryClient();
  const { pathname, search, hash } = useLocation();
  const [channel] = useState(() => crypto.randomUUID());
  const [isOther, setIsOther] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    const replies = new BroadcastChannel(channel);
    replies.addEventListener('message', ({ data }) => {
      const found = Identity.safeParse(data);
      if (!found.success) return;
      if (!identity.renew(found.data)) setIsOther(true);
      // What was refused in the meantime is loaded again.
      else void queries.invalidateQueries();
    });
    return () => replies.close();
  }, [channel, identity, queries]);
  return (
    <dialog
      ref={dialog}
      className={classes.again}
      aria-labelledby="sign-in-again"
      onCancel={(event) => event.preventDefault()}
      // Browsers close a dialog at the second Escape, whatever the page says.
      onClose={() => dialog.current?.showModal()}
    >
      <Stack gap="md" className={classes.card}>
        <Logo height={34} />
        <Title order={1} size="h2" id="sign-in-again">
          {words.againTitle}
        </Title>
        <Text c="dimmed">{words.againLead}</Text>
        {isOther && (
          <Alert icon={<IconInfoCircle />} variant="light" role="alert">
            {words.againOther}
          </Alert>
        )}
        <Group>
          <Button
            component="a"
            href={signInTabAddress(channel, orgId)}
            target="_blank"
            // With an opener the tab can close itself.
            rel="opener"
            leftSection={<IconLogin2 size={20} aria-hidden="true" />}
          >
            {words.againButton}
          </Button>
          <Button component={Link} to={loginPath(pathname + search + hash, 'expired')} variant="default">
            {words.againHere}
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          {words.againHereHint}
        </Text>
      </Stack>
    </dialog>
  );
}
