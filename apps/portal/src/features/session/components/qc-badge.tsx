import type { Verdict } from '@spinbay/contracts';
import { type Icon, IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { Pill } from '../../../ui/pill.tsx';
import { texts } from '../../../ui/texts.ts';

const icons: Record<Verdict, Icon> = { pass: IconCircleCheck, warn: IconAlertTriangle, fail: IconCircleX };

export function QcBadge({ verdict }: { verdict: Verdict }) {
  return (
    <Pill tone={verdict} icon={icons[verdict]} data-testid="qc-badge" data-qc={verdict}>
      {texts.qc[verdict]}
    </Pill>
  );
}
