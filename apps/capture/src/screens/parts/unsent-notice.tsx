import { hasUnsentPhotos } from '../../features/outbox/unsent-photos.ts';
import { useOutboxState } from '../../features/services.tsx';
import { usePlatform } from '../../platform/platform.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Notice } from '../../ui/notice.tsx';

/** Warns an operator who may leave the app, which then sends no photos. Shows nothing if they are sent in the background. */
export function UnsentNotice() {
  const { sendsInBackground } = usePlatform();
  const texts = useTexts();
  const isUnsent = hasUnsentPhotos(useOutboxState());
  if (!isUnsent || sendsInBackground) return null;
  // Without a count, which a screen reader would read out again after each photo.
  return <Notice kind="info" title={texts.setup.unsent} detail={texts.queue.paused} testID="unsent" />;
}
