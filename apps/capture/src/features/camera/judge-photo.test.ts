import { defaultQcThresholds } from '@spinbay/contracts';
import { measureQuality } from '@spinbay/imaging/kernels';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { lightAround } from '../../photo/light.ts';
import { judgePhoto, lightOf } from './judge-photo.ts';

/** A car of sharp edges in a grey studio. */
const scene = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1200">
  <rect width="1600" height="1200" fill="#8a8a8a"/>
  <rect x="350" y="450" width="900" height="260" rx="60" fill="#a01818"/>
  <rect x="520" y="340" width="520" height="130" fill="#202428"/>
  <circle cx="560" cy="720" r="90" fill="#101010"/><circle cx="1060" cy="720" r="90" fill="#101010"/>
  <circle cx="560" cy="720" r="40" fill="#e8e8e8"/><circle cx="1060" cy="720" r="40" fill="#e8e8e8"/>
  <rect x="380" y="520" width="90" height="40" fill="#ffffff"/>
</svg>`);

async function measured(change: (picture: Sharp) => Sharp = (picture) => picture) {
  const { data, info } = await change(sharp(scene).removeAlpha()).raw().toBuffer({ resolveWithObject: true });
  const picture = { data: new Uint8Array(data), width: info.width, height: info.height };
  const { reduced: _, ...measures } = measureQuality(picture);
  return { ...measures, surround: lightAround(picture) };
}

const size = { width: 4032, height: 3024 };
const reasonsOf = async (change: Parameters<typeof measured>[0]) =>
  judgePhoto(await measured(change), size, defaultQcThresholds, null).reasons;

test('a good photo passes, and blurry, dark, bright and tiny ones give their reason', async () => {
  expect(await reasonsOf(undefined)).toEqual([]);
  expect(await reasonsOf((picture) => picture.blur(6))).toEqual(['blurry']);
  expect(await reasonsOf((picture) => picture.linear(0.12, 0))).toContain('dark');
  expect(await reasonsOf((picture) => picture.linear(0.35, 165))).toContain('bright');
  const tiny = judgePhoto(await measured(), { width: 80, height: 60 }, defaultQcThresholds, null);
  expect(tiny).toMatchObject({ verdict: 'fail', reasons: ['small'] });
});

test('a lamp that fails after the first frame gives a warning, even after a restart of the app', async () => {
  const first = judgePhoto(await measured(), size, defaultQcThresholds, null);
  const later = await measured((picture) => picture.linear(0.7, 0));
  const judged = judgePhoto(later, size, defaultQcThresholds, lightOf(first));
  expect(judged).toMatchObject({ verdict: 'warn', reasons: ['drifted'] });
  expect(judged.measures?.exposure_ev).toBeLessThan(-0.5);
  expect(lightOf(null)).toBeNull();
});

test('a photo is judged by the profile and the limit of the organization', async () => {
  const soft = await measured((picture) => picture.blur(2));
  const reasons = (own: object) => judgePhoto(soft, size, { ...defaultQcThresholds, ...own }, null).reasons;
  const width = soft.edges.width ?? 0;
  expect(reasons({ profile: 'v3', edge_width_warn: width - 0.2, edge_width_fail: width - 0.1 })).toEqual(['blurry']);
  expect(reasons({ profile: 'v3', edge_width_warn: width, edge_width_fail: width + 0.1 })).toEqual([]);
  // v2 has separate limits and does not use edges.
  const score = soft.sharpness1000;
  expect(
    reasons({ profile: 'v2', sharpness_1000_fail: score + 1, sharpness_1000_warn: score + 2, edge_width_fail: 9 }),
  ).toEqual(['blurry']);
  expect(reasons({ profile: 'v2', sharpness_1000_fail: 0, sharpness_1000_warn: 0, edge_width_fail: 1 })).toEqual([]);
});
