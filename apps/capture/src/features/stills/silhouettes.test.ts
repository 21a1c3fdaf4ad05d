import { defaultShotList } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import { de } from '../../texts/de.ts';
import { en } from '../../texts/en.ts';
import { silhouetteOf } from './silhouettes.ts';

test('every shot of the presets has a silhouette, and a name in every language', () => {
  for (const { name } of defaultShotList('stills').stills ?? []) {
    expect(silhouetteOf(name)?.paths.length, name).toBeGreaterThan(0);
    for (const texts of [en, de]) expect(texts.stills.names[name], name).toMatch(/\S/);
  }
});

test('a custom shot has no silhouette, regardless of its name', () => {
  for (const name of ['my_shot', 'constructor', 'to_string']) expect(silhouetteOf(name)).toBeNull();
});
