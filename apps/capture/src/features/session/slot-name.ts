import type { Texts } from '../../texts/en.ts';
import type { SessionSlot } from './session-slots.ts';

/** `135°`, the label of a shot, or its name in the operator's language. */
export function slotName(slot: Pick<SessionSlot, 'angleDeg' | 'shotName' | 'label'>, texts: Texts): string {
  if (slot.angleDeg !== null) return texts.capture.angle(slot.angleDeg);
  if (slot.label !== null) return slot.label;
  const name = slot.shotName ?? '';
  const words = name.replaceAll('_', ' ');
  return Object.hasOwn(texts.stills.names, name) ? (texts.stills.names[name] ?? words) : words;
}
