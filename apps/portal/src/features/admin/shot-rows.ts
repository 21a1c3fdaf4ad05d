import { defaultShotList, maxShots, type Stills } from '@spinbay/contracts';
import { texts } from '../../ui/texts.ts';

/** A shot in the form. */
export interface ShotRow {
  /** Stays the same when the row moves. */
  readonly key: number;
  readonly label: string;
  readonly required: boolean;
}

export interface ShotRows {
  readonly rows: readonly ShotRow[];
  readonly nextKey: number;
}

export type ShotRowsChange =
  | { readonly type: 'label'; readonly key: number; readonly label: string }
  | { readonly type: 'required'; readonly key: number; readonly required: boolean }
  | { readonly type: 'move'; readonly key: number; readonly by: -1 | 1 }
  | { readonly type: 'remove'; readonly key: number }
  | { readonly type: 'add' }
  | { readonly type: 'add_standard' };

const standard = defaultShotList('stills').stills ?? [];
const standardNames: ReadonlySet<string> = new Set(standard.map(({ name }) => name));

export function shotRowsOf(shots: Stills): ShotRows {
  return appended({ rows: [], nextKey: 0 }, shots);
}

export function changeShotRows(state: ShotRows, change: ShotRowsChange): ShotRows {
  const { rows } = state;
  switch (change.type) {
    case 'label':
      return { ...state, rows: rows.map((row) => (row.key === change.key ? { ...row, label: change.label } : row)) };
    case 'required':
      return {
        ...state,
        rows: rows.map((row) => (row.key === change.key ? { ...row, required: change.required } : row)),
      };
    case 'move': {
      const from = rows.findIndex(({ key }) => key === change.key);
      const [row, other] = [rows[from], rows[from + change.by]];
      if (row === undefined || other === undefined) return state;
      return { ...state, rows: rows.with(from, other).with(from + change.by, row) };
    }
    case 'remove':
      return { ...state, rows: rows.filter(({ key }) => key !== change.key) };
    case 'add':
      return { rows: [...rows, { key: state.nextKey, label: '', required: true }], nextKey: state.nextKey + 1 };
    case 'add_standard': {
      const has = new Set(shotsOf(rows).map(({ name }) => name));
      // The standard shots replace empty rows.
      const filled = rows.filter(({ label }) => label.trim() !== '');
      return appended(
        { ...state, rows: filled },
        standard.filter(({ name }) => !has.has(name)).slice(0, Math.max(0, maxShots - filled.length)),
      );
    }
  }
}

function appended({ rows, nextKey }: ShotRows, shots: Stills): ShotRows {
  const added = shots.map(({ name, label, required }, k) => ({
    key: nextKey + k,
    label: label ?? texts.gallery.shot(name),
    required,
  }));
  return { rows: [...rows, ...added], nextKey: nextKey + added.length };
}

/**
 * The shots of the rows. Each gets a name from its label. A standard shot keeps no label, so that operators read it in their
 * language.
 */
export function shotsOf(rows: readonly ShotRow[]): Stills {
  const used = new Set<string>();
  return rows.map(({ label, required }) => {
    const text = label.trim();
    const stem = nameOf(text);
    let name = stem;
    for (let n = 2; used.has(name); n++) name = `${stem}_${n}`;
    used.add(name);
    const isStandard = standardNames.has(name) && texts.gallery.shot(name).toLowerCase() === text.toLowerCase();
    return { name, ...(!isStandard && { label: text }), required };
  });
}

/** Leaves room for `_` and a number in the 64 characters of a name. */
const longestStem = 60;

const german: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' };

/** `Heckklappe geöffnet` becomes `heckklappe_geoeffnet`. */
function nameOf(label: string): string {
  const plain = label
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüß]/g, (letter) => german[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  const words = plain.replace(/[^a-z0-9]+/g, '_').slice(0, longestStem);
  return words.replace(/^_+|_+$/g, '') || 'shot';
}
