import { Button, Group, Input, Text } from '@mantine/core';
import { maxShots, type SavedShotList, ShotLabel, ShotListName } from '@spinbay/contracts';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useReducer, useRef, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { adminTexts } from '../../../ui/admin-texts.ts';
import { shotListTexts as words } from '../../../ui/shot-list-texts.ts';
import { forgetShotLists } from '../api/queries.ts';
import { formFaults, textFault } from '../form-faults.ts';
import { changeShotRows, type ShotRow, type ShotRows, type ShotRowsChange, shotRowsOf, shotsOf } from '../shot-rows.ts';
import classes from './admin.module.css';
import { DialogForm } from './dialog.tsx';
import { NameField } from './name-field.tsx';
import { useNotice } from './notice.tsx';
import { ShotField } from './shot-field.tsx';
import shotClasses from './shot-list.module.css';

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
  const [found, setFound] = useState<Readonly<Record<string, string>>>({});
  const save = useMutation({
    mutationFn: async () => {
      const body = { name: name.trim(), shots: shotsOf(shots.rows) };
      if (list === null) await client.createShotList({ body });
      else
        await client.replaceShotList({
          params: { shot_list_id: list.id },
          body: { ...body, version: list.version },
        });
      await forgetShotLists(queries);
      notify({ text: list === null ? words.added(body.name) : words.saved(body.name) });
    },
    onSuccess: onDone,
    // Somebody else may have changed or deleted it.
    onError: () => forgetShotLists(queries),
  });
  const refused = formFaults(save.error, ['name']);
  const faults = Object.keys(found).length > 0 ? { fields: found, form: null } : refused;
  const shown: Readonly<Record<string, string | undefined>> = faults.fields;
  const submit = () => {
    const faults = faultsOf(name, shots.rows);
    setFound(faults);
    if (Object.keys(faults).length === 0) save.mutate();
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

/** By field: `name`, `shots`, or the key of a row. */
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

function Shots({ shots: { rows, nextKey }, faults, onChange }: ShotsProps) {
  const list = useRef<HTMLOListElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const hint = useId();
  /** What gets the focus after the next rendering: a part of a row, or null for the button that adds one. */
  const focusOn = useRef<{ readonly row: number | undefined; readonly part: string } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the rows have changed
  useEffect(() => {
    const wanted = focusOn.current;
    focusOn.current = null;
    if (wanted === null) return;
    const row = list.current?.querySelector(`[data-row="${wanted.row}"]`);
    const part = row?.querySelector<HTMLElement>(`[data-part="${wanted.part}"]:not(:disabled)`);
    (part ?? row?.querySelector<HTMLElement>('[data-part="label"]') ?? add.current)?.focus();
  }, [rows]);
  const changeAndFocus = (change: ShotRowsChange, row: number | undefined, part: string) => {
    focusOn.current = { row, part };
    onChange(change);
  };
  const addShot = () => {
    if (rows.length < maxShots) changeAndFocus({ type: 'add' }, nextKey, 'label');
  };
  return (
    <fieldset className={classes.picker} aria-describedby={hint}>
      <legend className={classes.legend}>{words.shots}</legend>
      <Text size="xs" c="dimmed" id={hint} mb={6}>
        {words.shotsHint}
      </Text>
      <ol ref={list} className={shotClasses.shots}>
        {rows.map((row, k) => (
          <ShotField
            key={row.key}
            row={row}
            place={k + 1}
            isLast={k === rows.length - 1}
            fault={faults[row.key]}
            onChange={onChange}
            onAdd={addShot}
            onMove={(by) => changeAndFocus({ type: 'move', key: row.key, by }, row.key, by < 0 ? 'up' : 'down')}
            onRemove={() =>
              changeAndFocus({ type: 'remove', key: row.key }, (rows[k + 1] ?? rows[k - 1])?.key, 'label')
            }
          />
        ))}
      </ol>
      {faults.shots !== undefined && <Input.Error mb={6}>{faults.shots}</Input.Error>}
      <Group gap="xs" mt="xs">
        <Button
          ref={add}
          size="xs"
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          disabled={rows.length >= maxShots}
          onClick={addShot}
        >
          {words.addShot}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={rows.length >= maxShots}
          onClick={() => onChange({ type: 'add_standard' })}
        >
          {words.addStandard}
        </Button>
      </Group>
    </fieldset>
  );
}
