import { Kbd, Modal, Switch, Table } from '@mantine/core';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { useFocusBack } from '../use-focus-back.ts';
import { useShortcutsWanted } from '../use-shortcuts.ts';

const { keys: words } = reviewTexts;

/** What the letters do, and a way to turn them off. */
export function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  const [wanted, setWanted] = useShortcutsWanted();
  useFocusBack();
  return (
    <Modal
      opened
      returnFocus={false}
      onClose={onClose}
      title={words.title}
      centered
      // A header of a page is a landmark, that of a dialog is none.
      attributes={{ header: { role: 'none' } }}
      radius="lg"
      zIndex={10_001}
      portalProps={{ reuseTargetNode: false }}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <Table verticalSpacing={6} mb="md" withRowBorders={false}>
        <Table.Tbody>
          {words.rows.map(({ keys, does }) => (
            <Table.Tr key={does}>
              <Table.Td w="7rem">
                {keys.map((key) => (
                  <Kbd key={key} mr={6}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Switch
        checked={wanted}
        onChange={(event) => setWanted(event.currentTarget.checked)}
        label={words.use}
        description={words.useHint}
      />
    </Modal>
  );
}
