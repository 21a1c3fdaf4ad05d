import { Text } from '@mantine/core';
import type { Image } from '@spinbay/contracts';
import { useApi } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { slotLabel } from '../frames.ts';
import { reasonsOf } from '../qc-words.ts';
import { Ask } from './ask.tsx';

interface AskOverrideProps {
  readonly image: Image;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

const { ask } = reviewTexts.publish;

/** Asks before a frame that failed is published. */
export function AskOverride({ image, onConfirm, onClose }: AskOverrideProps) {
  const { config } = useApi();
  return (
    <Ask
      title={ask.title(slotLabel(image))}
      confirm={ask.confirm}
      cancel={ask.cancel}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <Text fw={600} size="sm">
        {ask.reasons}
      </Text>
      <ul>
        {reasonsOf(image, config.qc).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <Text size="sm" c="dimmed">
        {ask.body}
      </Text>
    </Ask>
  );
}
