import { Text } from '@mantine/core';
import type { Image } from '@spinbay/contracts';
import { useQcThresholds } from '../../../api/use-qc-thresholds.ts';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { slotLabel } from '../frames.ts';
import { reasonsOf } from '../qc-words.ts';
import { Ask } from './ask.tsx';

interface AskPublishProps {
  readonly image: Image;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

const { ask: askFailed, askPreview } = reviewTexts.publish;

/** Asks before publishing a frame that failed or has only a preview. */
export function AskPublish({ image, onConfirm, onClose }: AskPublishProps) {
  const thresholds = useQcThresholds();
  const failed = image.status === 'failed';
  const isPreview = image.shown_upload === 'preview';
  const ask = failed ? askFailed : askPreview;
  return (
    <Ask
      title={ask.title(slotLabel(image))}
      confirm={ask.confirm}
      cancel={ask.cancel}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {failed && (
        <>
          <Text fw={600} size="sm">
            {askFailed.reasons}
          </Text>
          <ul>
            {reasonsOf(image, thresholds).map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          <Text size="sm" c="dimmed">
            {askFailed.body}
          </Text>
        </>
      )}
      {isPreview && (
        <Text size="sm" c="dimmed" mt={failed ? 'sm' : 0}>
          {askPreview.body}
        </Text>
      )}
    </Ask>
  );
}
