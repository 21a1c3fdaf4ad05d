import { Button, Group, Input, Text } from '@mantine/core';
import { maxShots, type SavedShotList, ShotLabel, ShotListName } from '@spinbay/contracts';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useId, useReducer, useRef, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { shotListTexts as words } from '../../../ui/shot-list-texts.ts';
import { invalidateShotLists } from '../api/queries.ts';
import { textFault } from '../form-faults.ts';
import { changeShotRows, type ShotRow, type ShotRows, type ShotRowsChange, shotRowsOf, shotsOf } from '../shot-rows.ts';
import { useFormFaults } from '../use-form-faults.ts';
import classes from './admin.module.css';
import { DialogForm } from './dialog.tsx';
import { NameField } from './name-field.tsx';
import { useNotice } from './notice.tsx';
import { ShotField } from './shot-field.tsx';
import shotClasses from './shot-list.module.css';

/** The fields whose faults the server reports. The faults of shots, by the key of their row, come only from this form. */
const fields: readonly string[] = ['name'];

interface ShotListFormProps {
  /** Null: add a new one. */
  readonly list: SavedShotList | null;
  readonly onDone: () => void;
}

export function ShotListForm({ list, onDone }: ShotListFormProps) {
  const { client } = useApi();
  const queries = useQueryClient();
  const notify = useNotice();
  const [name, setName] = useState(list?.name ?? '');
  const [shots, change] = useReducer(changeShotRows, list, rowsOf);
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), shots: shotsOf(shots.rows) };
      if (list === null) await client.createShotList({ body });
      else
        await client.replaceShotList({
          params: { shot_list_id: list.id },
          body: { ...body, version: list.version },
        });
      await invalidateShotLists(queries);
      notify({ text: list === null ? words.added(body.name) : words.saved(body.name) });
    },
    onSuccess: onDone,
    // Somebody else may have changed or deleted the list.
    onError: () => invalidateShotLists(queries),
  });
  const { faults, check } = useFormFaults(save.error, fields);
  const shown = faults.fields;
  const submit = () => {
    if (check(faultsOf(name, shots.rows))) save.mutate();
  };
  return (
    <DialogForm
      faults={faults}
      submit={list ? adminTexts.save : words.add}
      busy={save.isPending}
      onSubmit={submit}
      onCancel={onDone}
    >
      <NameField label={words.name} hint={words.nameHint} error={shown.name} value={name} onChange={setName} />
      <Shots shots={shots} faults={shown} onChange={change} />
    </DialogForm>
  );
}

/** A new list starts with an empty shot. */
function rowsOf(list: SavedShotList | null): ShotRows {
  return list === null ? changeShotRows(shotRowsOf([]), { type: 'add' }) : shotRowsOf(list.shots);
}

/** The faults by field: `name`, `shots`, or the key of a row. */
function faultsOf(name: string, rows: readonly ShotRow[]): Record<string, string> {
  const nameFault = textFault(name, ShotListName, adminTexts.faults.text);
  const wrong = rows.flatMap(({ key, label }): [string, string][] => {
    const fault = textFault(label, ShotLabel, adminTexts.faults.text);
    return fault === null ? [] : [[String(key), fault]];
  });
  return {
    ...(nameFault !== null && { name: nameFault }),
    ...(rows.length === 0 && { shots: words.none }),
    ...Object.fromEntries(wrong),
  };
}

interface ShotsProps {
  readonly shots: ShotRows;
  readonly faults: Readonly<Record<string, string | undefined>>;
  readonly onChange: (change: ShotRowsChange) => void;
}

function Shots({ shots: { rows }, faults, onChange }: ShotsProps) {
  const list = useRef<HTMLOListElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const hint = useId();
  const isFull = rows.length >= maxShots;
  /** What gets the focus after the next rendering: a part of the row with this key, or the label at this place, from 0. */
  const focusOn = useRef<{ readonly key: number; readonly part: string } | { readonly place: number } | null>(null);
  useEffect(() => {
    const wanted = focusOn.current;
    focusOn.current = null;
    if (wanted === null || list.current === null) return;
    const items = [...list.current.children];
    const row = 'key' in wanted ? items[rows.findIndex(({ key }) => key === wanted.key)] : items[wanted.place];
    const part = 'key' in wanted && row?.querySelector<HTMLElement>(`[data-part="${wanted.part}"]:not(:disabled)`);
    const label = (row ?? items.at(-1))?.querySelector<HTMLElement>('[data-part="label"]');
    (part || label || addButton.current)?.focus();
  }, [rows]);
  // Stable, so that a keystroke renders one row and not 200.
  const add = useCallback(() => {
    if (isFull) return;
    focusOn.current = { place: maxShots };
    onChange({ type: 'add' });
  }, [isFull, onChange]);
  const move = useCallback(
    (key: number, by: -1 | 1) => {
      focusOn.current = { key, part: by < 0 ? 'up' : 'down' };
      onChange({ type: 'move', key, by });
    },
    [onChange],
  );
  const remove = useCallback(
    (key: number, place: number) => {
      focusOn.current = { place };
      onChange({ type: 'remove', key });
    },
    [onChange],
  );
  return (
    <fieldset className={classes.picker} aria-describedby={hint}>
      <legend className={classes.legend}>{words.shots}</legend>
      <Text size="xs" c="dimmed" id={hint} mb={6}>
        {words.shotsHint}
      </Text>
      <ol ref={list} className={shotClasses.shots}>
        {rows.map((row, place) => (
          <ShotField
            key={row.key}
            row={row}
            place={place}
            isLast={place === rows.length - 1}
            fault={faults[row.key]}
            onChange={onChange}
            onAdd={add}
            onMove={move}
            onRemove={remove}
          />
        ))}
      </ol>
      {faults.shots !== undefined && <Input.Error mb={6}>{faults.shots}</Input.Error>}
      <Group gap="xs" mt="xs">
        <Button
          ref={addButton}
          size="xs"
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          disabled={isFull}
          onClick={add}
        >
          {words.addShot}
        </Button>
        <Button size="xs" variant="default" disabled={isFull} onClick={() => onChange({ type: 'add_standard' })}>
          {words.addStandard}
        </Button>
      </Group>
    </fieldset>
  );
}
