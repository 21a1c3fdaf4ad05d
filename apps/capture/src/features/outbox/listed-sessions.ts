import { deviceRetention, type LocalSession } from '@spinbay/outbox';

/**
 * The sessions that the queue lists: all that have photos to send or are stuck, and the newest of the others.
 * @param sessions newest first
 */
export function listedSessions(sessions: readonly LocalSession[]): LocalSession[] {
  const isSent = ({ stuck, photos }: LocalSession) =>
    stuck === null && photos.every(({ upload }) => upload.state === 'processed');
  const newestSent = new Set(sessions.filter(isSent).slice(0, deviceRetention.newest));
  return sessions.filter((session) => !isSent(session) || newestSent.has(session));
}
