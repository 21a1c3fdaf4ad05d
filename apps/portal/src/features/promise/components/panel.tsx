import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './promise.module.css';

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}

/** A table with its heading. A table that is wider than the screen scrolls, also by keyboard. */
export function Panel({ id, title, children }: PanelProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a small screen, so it must be reachable by keyboard
    <section className={classes.panel} aria-labelledby={id} tabIndex={0}>
      <Title order={2} size="h4" id={id} mb="sm">
        {title}
      </Title>
      {children}
    </section>
  );
}
