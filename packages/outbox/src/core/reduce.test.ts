import { expect, test } from 'vitest';
import { reducePhoto } from './reduce.ts';
import { type PhotoRow, rowVersion } from './rows.ts';

const waiting = { size: 3, sha256: null, held: true, sends: 0, progress: { state: 'waiting' } } as const;
const photo: PhotoRow = {
  ...{ kind: 'photo', v: rowVersion, id: 'photo', seq: 1, session_id: 'session' },
  ...{ content_type: 'image/jpeg', file_name: 'photo.jpg', angle_deg: 0, shot_name: null },
  ...{ captured_at: null, captured_by: 'camera', qc: null, original: waiting, preview: waiting },
  ...{ asked: false, without_time: false, visible: false, verdict: null, stuck: null },
};
const image = { settled: true, original: 'processed', status: 'processed', sha256: 'digest' } as const;

test('an original that the server has is compared only after this device has computed its digest', () => {
  const before = reducePhoto(photo, { type: 'seen', image });
  expect(before).toMatchObject({ visible: true, stuck: null, original: waiting });
  const hashed = (sha256: string) => reducePhoto(before, { type: 'hashed', file: 'original', sha256 });
  const [same, other] = ['digest', 'other'].map((sha256) => reducePhoto(hashed(sha256), { type: 'seen', image }));
  expect(same).toMatchObject({ stuck: null, original: { progress: { state: 'confirmed' } } });
  expect(other).toMatchObject({ stuck: { reason: 'digest_differs' }, original: { held: true } });
});
