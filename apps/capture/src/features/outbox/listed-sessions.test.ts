import type { LocalPhoto, LocalSession, UploadState } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { listedSessions } from './listed-sessions.ts';

function session(id: string, upload: UploadState, stuck: LocalSession['stuck'] = null): LocalSession {
  return { id, stuck, photos: [{ upload } as LocalPhoto] } as unknown as LocalSession;
}
const idsOf = (sessions: readonly LocalSession[]) => sessions.map(({ id }) => id);

test('the queue lists every session with an unsent photo, however old, and the 12 newest of the others', () => {
  const sent = Array.from({ length: 20 }, (_, k) => session(`sent-${k}`, { state: 'processed' }));
  const waiting = session('waiting', { state: 'waiting' });
  const stuckPhoto = session('stuck photo', { state: 'stuck', reason: 'duplicate' });
  const stuckSession = session('stuck session', { state: 'processed' }, { reason: 'refused' });
  expect(idsOf(listedSessions([waiting, ...sent, stuckPhoto, stuckSession]))).toEqual([
    'waiting',
    ...idsOf(sent.slice(0, 12)),
    'stuck photo',
    'stuck session',
  ]);
});
