import { Button, Group, Modal, Text } from '@mantine/core';
import type { Image } from '@spinbay/contracts';
import { useApi } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { slotLabel } from '../frames.ts';
import { reasonsOf } from '../qc-words.ts';
import { useFocusBack } from '../use-focus-back.ts';

interface AskOverrideProps {
  readonly image: Image;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

const { ask } = reviewTexts.publish;

/** The one thing that is asked before it is done: publishing a frame that failed. */
export function AskOverride({ image, onConfirm, onClose }: AskOverrideProps) {
  const { config } = useApi();
  useFocusBack();
  return (
    <Modal
      opened
      returnFocus={false}
      onClose={onClose}
      title={ask.title(slotLabel(image))}
      centered
      // A header of a page is a landmark, that of a dialog is none.
      attributes={{ header: { role: 'none' } }}
      radius="lg"
      zIndex={10_001}
      portalProps={{ reuseTargetNode: false }}
      closeButtonProps={{ 'aria-label': ask.cancel }}
    >
      <Text fw={600} size="sm">
        {ask.reasons}
      </Text>
      <ul>
        {reasonsOf(image, config.qc).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <Text size="sm" c="dimmed" mb="lg">
        {ask.body}
      </Text>
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose} data-autofocus>
          {ask.cancel}
        </Button>
        <Button
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {ask.confirm}
        </Button>
      </Group>
    </Modal>
  );
}
