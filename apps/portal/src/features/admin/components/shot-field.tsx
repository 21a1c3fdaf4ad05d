import { ActionIcon, Checkbox, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { shotListTexts as words } from '../../../ui/shot-list-texts.ts';
import type { ShotRow, ShotRowsChange } from '../shot-rows.ts';
import classes from './shot-list.module.css';

interface ShotFieldProps {
  readonly row: ShotRow;
  /** From 0. */
  readonly place: number;
  readonly isLast: boolean;
  readonly fault: string | undefined;
  readonly onChange: (change: ShotRowsChange) => void;
  readonly onAdd: () => void;
  readonly onMove: (key: number, by: -1 | 1) => void;
  readonly onRemove: (key: number, place: number) => void;
}

/** One shot in the form of a shot list. The form finds the element to focus by its `data-part`. */
export const ShotField = memo(function ShotField({
  row,
  place,
  isLast,
  fault,
  onChange,
  onAdd,
  onMove,
  onRemove,
}: ShotFieldProps) {
  const { key, label, required } = row;
  const name = label.trim() === '' ? words.shot(place + 1) : label.trim();
  return (
    <li className={classes.shot} data-testid="shot">
      <TextInput
        data-part="label"
        aria-label={words.shot(place + 1)}
        className={classes.label ?? ''}
        error={fault}
        value={label}
        maxLength={60}
        autoComplete="off"
        onChange={({ currentTarget }) => onChange({ type: 'label', key, label: currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          // Enter adds a shot instead of sending the form, so that people can type one shot after the other.
          event.preventDefault();
          onAdd();
        }}
      />
      <Checkbox
        label={words.required}
        aria-label={words.requiredOf(name)}
        checked={required}
        onChange={({ currentTarget }) => onChange({ type: 'required', key, required: currentTarget.checked })}
      />
      <div className={classes.buttons}>
        <ActionIcon
          data-part="up"
          variant="subtle"
          color="gray"
          aria-label={words.up(name)}
          disabled={place === 0}
          onClick={() => onMove(key, -1)}
        >
          <IconArrowUp size={18} aria-hidden="true" />
        </ActionIcon>
        <ActionIcon
          data-part="down"
          variant="subtle"
          color="gray"
          aria-label={words.down(name)}
          disabled={isLast}
          onClick={() => onMove(key, 1)}
        >
          <IconArrowDown size={18} aria-hidden="true" />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={words.remove(name)} onClick={() => onRemove(key, place)}>
          <IconTrash size={18} aria-hidden="true" />
        </ActionIcon>
      </div>
    </li>
  );
});
