import { Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Logo } from '../../../ui/logo.tsx';
import { Turntable } from '../../../ui/turntable.tsx';
import { usePageTitle } from '../../../ui/use-page-title.ts';
import classes from './sign-in.module.css';

/** The layout of all sign-in pages: the form on one side, the turntable on the other. */
export function SignInFrame({ title, children }: { title: string; children: ReactNode }) {
  usePageTitle(title);
  return (
    <div className={classes.page}>
      <main className={classes.form}>
        <Logo height={34} />
        <Stack gap="md" className={classes.card}>
          <Title order={1} size="h2">
            {title}
          </Title>
          {children}
        </Stack>
      </main>
      <div className={classes.picture} aria-hidden="true">
        <Turntable />
      </div>
    </div>
  );
}
