import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './pill.module.css';

export type Tone = 'pass' | 'warn' | 'fail' | 'calm' | 'live';

interface PillProps {
  readonly tone: Tone;
  readonly icon?: Icon;
  readonly children: ReactNode;
}

/** A short coloured state. Text and icon say the same. */
export function Pill({ tone, icon: Icon, children, ...data }: PillProps & { [name: `data-${string}`]: string }) {
  return (
    <span className={classes.pill} data-tone={tone} {...data}>
      {Icon && <Icon size={14} stroke={2.4} aria-hidden="true" />}
      {children}
    </span>
  );
}
