import type { DeviceQc } from '@spinbay/outbox';
import type { QcReason } from '../../features/camera/judge-photo.ts';
import type { Texts } from '../../texts/en.ts';

export function reasonWords(qc: DeviceQc | null, texts: Texts): string {
  return (qc?.reasons ?? []).map((reason) => texts.capture.qc[reason as QcReason] ?? reason).join(', ');
}
