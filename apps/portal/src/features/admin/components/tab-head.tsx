import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './admin.module.css';

/** The introduction of a tab and its main button. */
export function TabHead({ lead, children }: { lead: string; children?: ReactNode }) {
  return (
    <div className={classes.tabHead}>
      <Text size="sm" c="dimmed" className={classes.lead}>
        {lead}
      </Text>
      {children}
    </div>
  );
}
