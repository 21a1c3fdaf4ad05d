import type { Image, ImageId } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import type { IngestedFrame } from '../ingest/ingest-folder.ts';
import { sampleOutcome } from './sample-outcome.ts';

const pictures = { '600': '/600.webp', '1200': '/1200.webp' };
const frameOf = (status: IngestedFrame['status'], thumb_urls: object | null = pictures): IngestedFrame => ({
  file: '01.jpg',
  id: 'a' as ImageId,
  slot: { angle_deg: 0, shot_name: null },
  status,
  image: status === 'not_sent' ? null : ({ status, thumb_urls } as Image),
  refused: null,
});
const outcome = (...frames: IngestedFrame[]) => sampleOutcome({ frames, seconds: { uploaded: 2, visible: 5 } });

test('a sample spin whose frames are all processed is complete', () => {
  expect(outcome(frameOf('processed'), frameOf('failed'))).toEqual({
    isDone: true,
    text: '2 of 2 frames visible 3.0 s after the last upload',
  });
});

test.each([
  ['was not sent', frameOf('not_sent')],
  ['is not processed yet', frameOf('pending', null)],
  ['shows only its preview', frameOf('pending')],
  ['has expired', frameOf('expired', null)],
  ['has no pictures', frameOf('failed', null)],
])('the next start continues a sample spin with a frame that %s', (_, frame) => {
  expect(outcome(frameOf('processed'), frame)).toEqual({
    isDone: false,
    text: '1 of 2 frames visible. The next start continues it',
  });
});
