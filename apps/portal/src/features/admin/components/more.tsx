import { Group, Text } from '@mantine/core';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { BusyButton } from './busy-button.tsx';

interface MoreProps {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
  /** How many lines are shown, as text, if known. */
  readonly shown?: string;
}

/** Shown below a paged list. */
export function More({ query, shown }: MoreProps) {
  if (!query.hasNextPage) return null;
  return (
    <Group justify="center" mt="md" gap="md">
      {shown !== undefined && (
        <Text size="sm" c="dimmed">
          {shown}
        </Text>
      )}
      <BusyButton variant="default" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {adminTexts.more}
      </BusyButton>
    </Group>
  );
}
