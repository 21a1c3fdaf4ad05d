import { Button, type ButtonProps } from '@mantine/core';
import type { ButtonHTMLAttributes } from 'react';
import classes from './admin.module.css';

interface BusyButtonProps extends ButtonProps, Omit<ButtonHTMLAttributes<HTMLButtonElement>, keyof ButtonProps> {
  readonly busy: boolean;
}

/** Does nothing while busy, but keeps the focus. The design system's loading state disables the button and loses the focus. */
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
