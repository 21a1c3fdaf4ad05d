import { defaultShotList, maxShots, Stills } from '@spinbay/contracts';
import { describe, expect, it } from 'vitest';
import { changeShotRows, type ShotRows, type ShotRowsChange, shotRowsOf, shotsOf } from './shot-rows.ts';

const standard = defaultShotList('stills').stills ?? [];
const rowsWith = (...labels: string[]): ShotRows => ({
  rows: labels.map((label, key) => ({ key, label, required: true })),
  nextKey: labels.length,
});
const changed = (rows: ShotRows, ...changes: ShotRowsChange[]) => changes.reduce(changeShotRows, rows);
const labels = ({ rows }: ShotRows) => rows.map(({ label }) => label);
const namesOf = (...typed: string[]) => shotsOf(rowsWith(...typed).rows).map(({ name }) => name);

describe('the shots of the form', () => {
  it('have a name made of their label', () => {
    expect(shotsOf(rowsWith(' Heckklappe geöffnet ').rows)).toEqual([
      { name: 'heckklappe_geoeffnet', label: 'Heckklappe geöffnet', required: true },
    ]);
    expect(namesOf('Größe', 'Siège arrière', '4x4 – low range!', 'GRU\u0308N')).toEqual([
      'groesse',
      'siege_arriere',
      '4x4_low_range',
      'gruen',
    ]);
  });

  it('keep no label if they are standard shots, which the app translates', () => {
    expect(shotsOf(rowsWith('front LEFT', 'Vin plate', 'Front, left').rows)).toEqual([
      { name: 'front_left', required: true },
      { name: 'vin_plate', required: true },
      { name: 'front_left_2', label: 'Front, left', required: true },
    ]);
  });

  it('have different and valid names for any labels', () => {
    const odd = [
      '車',
      '汽车',
      '!',
      'Front',
      'front',
      'front 2',
      'x'.repeat(60),
      `${'x'.repeat(60)}`,
      'Shot',
      '_',
      'Ⅷ ½',
    ];
    const shots = shotsOf(rowsWith(...odd).rows);
    expect(Stills.parse(shots)).toEqual(shots);
    expect(namesOf('車', '汽车')).toEqual(['shot', 'shot_2']);
    expect(namesOf('Wheel 2', 'Wheel', 'Wheel')).toEqual(['wheel_2', 'wheel', 'wheel_3']);
  });

  it('are the same after a form was opened and saved without a change', () => {
    const own = [
      { name: 'kofferraum', label: 'Kofferraum', required: false },
      { name: 'siege', label: 'Siège', required: true },
    ];
    for (const shots of [standard, own]) expect(shotsOf(shotRowsOf(shots).rows)).toEqual(shots);
  });
});

describe('the rows of the form', () => {
  it('move up and down, and not beyond the ends', () => {
    const rows = rowsWith('a', 'b', 'c');
    expect(labels(changed(rows, { type: 'move', key: 2, by: -1 }))).toEqual(['a', 'c', 'b']);
    expect(labels(changed(rows, { type: 'move', key: 0, by: 1 }))).toEqual(['b', 'a', 'c']);
    expect(labels(changed(rows, { type: 'move', key: 0, by: -1 }))).toEqual(['a', 'b', 'c']);
    expect(labels(changed(rows, { type: 'move', key: 2, by: 1 }))).toEqual(['a', 'b', 'c']);
  });

  it('are changed, removed and added, each with its own key', () => {
    const rows = changed(
      rowsWith('a', 'b'),
      { type: 'remove', key: 0 },
      { type: 'add' },
      { type: 'label', key: 2, label: 'c' },
      { type: 'required', key: 1, required: false },
    );
    expect(rows.rows).toEqual([
      { key: 1, label: 'b', required: false },
      { key: 2, label: 'c', required: true },
    ]);
  });

  it('get the standard shots that they lack, in place of empty rows', () => {
    const rows = changed(rowsWith('Rear', '', 'Roof'), { type: 'add_standard' });
    expect(labels(rows).slice(0, 3)).toEqual(['Rear', 'Roof', 'Front']);
    expect(rows.rows).toHaveLength(standard.length + 1);
    expect(new Set(rows.rows.map(({ key }) => key)).size).toBe(rows.rows.length);
    expect(rows.rows.find(({ label }) => label === 'Boot')?.required).toBe(false);
    expect(changed(rows, { type: 'add_standard' })).toEqual(rows);
    const full = rowsWith(...Array.from({ length: maxShots - 3 }, (_, k) => `Own ${k}`));
    expect(changed(full, { type: 'add_standard' }).rows).toHaveLength(maxShots);
  });
});
