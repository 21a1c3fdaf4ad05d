import { Button, Group, Text } from '@mantine/core';
import { adminTexts } from '../../../ui/admin-texts.ts';

interface MoreProps {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
  /** How much is shown, in words. */
  readonly shown: string;
}

/** Below a list that is read in pages. */
export function More({ query, shown }: MoreProps) {
  return (
    <Group justify="center" mt="md" gap="md">
      <Text size="sm" c="dimmed">
        {shown}
      </Text>
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {adminTexts.more}
        </Button>
      )}
    </Group>
  );
}
