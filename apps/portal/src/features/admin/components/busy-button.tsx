import { Button, type ButtonProps } from '@mantine/core';
import type { ButtonHTMLAttributes } from 'react';
import classes from './admin.module.css';

interface BusyButtonProps extends ButtonProps, Omit<ButtonHTMLAttributes<HTMLButtonElement>, keyof ButtonProps> {
  readonly busy: boolean;
}

/** Ignores clicks while busy, but keeps the focus. The loading state of the design system would lose it. */
export function BusyButton({ busy, onClick, ...props }: BusyButtonProps) {
  return (
    <Button
      {...props}
      className={classes.busy ?? ''}
      aria-busy={busy}
      onClick={(event) => {
        if (!busy) onClick?.(event);
      }}
    />
  );
}
