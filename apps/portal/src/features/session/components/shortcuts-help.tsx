import { Kbd, Modal, Switch, Table } from '@mantine/core';
import { englishTexts, viewerKeys } from '@spinbay/viewer';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { shortcutKeys } from '../shortcuts.ts';
import { useFocusBack } from '../use-focus-back.ts';
import { useShortcutsWanted } from '../use-shortcuts.ts';

const { keys: words } = reviewTexts;

/** The list of shortcuts, with a switch for the letter keys. */
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
      // The header of a page is a landmark, the header of a dialog is not.
      attributes={{ header: { role: 'none' } }}
      radius="lg"
      zIndex={10_001}
      portalProps={{ reuseTargetNode: false }}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      <KeyTable
        title={words.everywhere}
        rows={shortcutKeys.map(({ names, shortcut }) => ({ names, does: words.does[shortcut] }))}
      />
      <KeyTable
        title={words.inSpin}
        rows={viewerKeys
          .filter(({ action }) => action !== 'turn')
          .map(({ names, action }) => ({ names, does: englishTexts.keys[action] }))}
      />
      <Switch
        checked={wanted}
        onChange={(event) => setWanted(event.currentTarget.checked)}
        label={words.use}
        description={words.useHint}
      />
    </Modal>
  );
}

interface KeyTableProps {
  readonly title: string;
  readonly rows: readonly { readonly names: readonly string[]; readonly does: string }[];
}

function KeyTable({ title, rows }: KeyTableProps) {
  return (
    <Table verticalSpacing={6} mb="md" withRowBorders={false} captionSide="top">
      <Table.Caption ta="start" fw={600} c="var(--mantine-color-text)">
        {title}
      </Table.Caption>
      <Table.Tbody>
        {rows.map(({ names, does }) => (
          <Table.Tr key={does}>
            <Table.Td w="9rem">
              {names.map((name) => (
                <Kbd key={name} mr={6}>
                  {name}
                </Kbd>
              ))}
            </Table.Td>
            <Table.Td>{does}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
