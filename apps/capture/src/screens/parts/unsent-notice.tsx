import { unsentPhotos } from '../../features/outbox/unsent-photos.ts';
import { useOutboxState } from '../../features/services.tsx';
import { usePlatform } from '../../platform/platform.tsx';
import { useTexts } from '../../texts/texts.tsx';
import { Notice } from '../../ui/notice.tsx';

/** Tells an operator who may leave now that photos are not sent meanwhile. Shows nothing if the system sends them. */
export function UnsentNotice() {
  const { sendsInBackground } = usePlatform();
  const texts = useTexts();
  const unsent = unsentPhotos(useOutboxState());
  if (unsent === 0 || sendsInBackground) return null;
  return <Notice kind="info" title={texts.setup.unsent(unsent)} detail={texts.queue.paused} testID="unsent" />;
}
