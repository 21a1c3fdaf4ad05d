/** Only some browsers send volume keys to a page. Bluetooth remotes often send one of these keys. */
const shutterKeys = new Set([' ', 'Enter', 'AudioVolumeUp', 'AudioVolumeDown', 'VolumeUp', 'VolumeDown', 'PageDown']);

/**
 * Calls the listener for each press of a key that takes a photo. Space and Enter do what they always do in a field, and on a
 * control that has the focus of the keyboard. After a tap, a control only keeps the focus: the next press of a remote must
 * not press it, for example "Undo".
 * @returns a function that ends this
 */
export function watchShutterKey(listener: () => void): () => void {
  let focusIsOfKeyboard = document.activeElement?.matches(':focus-visible') ?? false;
  let held: string | null = null;
  const isOfTarget = ({ key, target }: KeyboardEvent) => {
    if ((key !== ' ' && key !== 'Enter') || !(target instanceof Element)) return false;
    if (target.closest('input, select, textarea') !== null) return true;
    return focusIsOfKeyboard && target.closest('button, a, [role=button], [role=radio]') !== null;
  };
  const take = (event: Event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const onDown = (event: KeyboardEvent) => {
    if (event.key === 'Tab' || event.key.startsWith('Arrow')) focusIsOfKeyboard = true;
    if (!shutterKeys.has(event.key) || event.ctrlKey || event.metaKey || event.altKey || isOfTarget(event)) return;
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
    focusIsOfKeyboard = false;
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
