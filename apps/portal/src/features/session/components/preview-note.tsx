import { Group, Text } from '@mantine/core';
import { IconPhotoDown } from '@tabler/icons-react';
import { Pill } from '../../../ui/pill.tsx';
import { texts } from '../../../ui/texts.ts';

/**
 * Says that a frame shows a preview, whose picture and verdict are provisional.
 * @param original a text about the original
 */
export function PreviewNote({ original }: { original: string }) {
  return (
    <Group gap={6} data-testid="preview-note">
      <Pill tone="calm" icon={IconPhotoDown}>
        {texts.gallery.preview.badge}
      </Pill>
      <Text size="xs" c="dimmed">
        {original}
      </Text>
    </Group>
  );
}
