import type { Texts } from '../../texts/en.ts';
import type { SessionSlot } from './session-slots.ts';

/** `135°`, or the name of a shot in the operator's language. Custom shots keep their own name. */
export function slotName(slot: Pick<SessionSlot, 'angleDeg' | 'shotName'>, texts: Texts): string {
  if (slot.angleDeg !== null) return texts.capture.angle(slot.angleDeg);
  const name = slot.shotName ?? '';
  const words = name.replaceAll('_', ' ');
  return Object.hasOwn(texts.stills.names, name) ? (texts.stills.names[name] ?? words) : words;
}
