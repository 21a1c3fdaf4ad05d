import { IconCloudOff } from '@tabler/icons-react';
import { useReach } from '../api/api-context.tsx';
import { texts } from '../ui/texts.ts';
import classes from './shell.module.css';

/** Shown while the API cannot be reached. The empty element stays in the page, so that screen readers announce changes. */
export function OfflineBanner() {
  const reach = useReach();
  return (
    <div role="status" data-testid="offline">
      {reach !== 'reached' && (
        <p className={classes.offline} data-reach={reach}>
          <IconCloudOff size={18} aria-hidden="true" />
          {texts.offline[reach]}
        </p>
      )}
    </div>
  );
}
