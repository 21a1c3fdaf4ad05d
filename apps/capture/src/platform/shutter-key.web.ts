/** Only some browsers send volume keys to a page. Bluetooth remotes often send one of these keys. */
const shutterKeys = new Set([' ', 'Enter', 'AudioVolumeUp', 'AudioVolumeDown', 'VolumeUp', 'VolumeDown', 'PageDown']);

/**
 * Calls the listener for each press of a key that takes a photo. Space and Enter do what they always do in a field, and on a
 * control that was reached with the keyboard. A control that was tapped also has the focus, but the next press of a remote
 * must not press it, for example "Undo".
 * @returns a function that ends this
 */
export function watchShutterKey(listener: () => void): () => void {
  let isKeyboardFocus = document.activeElement?.matches(':focus-visible') ?? false;
  let held: string | null = null;
  const isForTarget = ({ key, target }: KeyboardEvent) => {
    if ((key !== ' ' && key !== 'Enter') || !(target instanceof Element)) return false;
    if (target.closest('input, select, textarea') !== null) return true;
    return isKeyboardFocus && target.closest('button, a, [role=button], [role=radio]') !== null;
  };
  const take = (event: Event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const onDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab' || event.key.startsWith('Arrow')) isKeyboardFocus = true;
    if (!shutterKeys.has(event.key) || event.ctrlKey || event.metaKey || event.altKey || isForTarget(event)) return;
    take(event);
    held = event.key;
    if (!event.repeat) listener();
  };
  // Some browsers press a button when Space is released.
  const onUp = (event: KeyboardEvent) => {
    if (event.key !== held) return;
    take(event);
    held = null;
  };
  const onPointer = () => {
    isKeyboardFocus = false;
  };
  // In the capture phase, before the controls.
  window.addEventListener('keydown', onDown, true);
  window.addEventListener('keyup', onUp, true);
  window.addEventListener('pointerdown', onPointer, true);
  return () => {
    window.removeEventListener('keydown', onDown, true);
    window.removeEventListener('keyup', onUp, true);
    window.removeEventListener('pointerdown', onPointer, true);
  };
}
