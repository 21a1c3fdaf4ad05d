import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { hasOwnKeys, type Shortcut, shortcutOf } from './shortcuts.ts';

/**
 * Listens to the page's keys.
 * @param letters whether all shortcuts are enabled, or only those that always work
 * @param handle returns whether it handled the key; the browser then does not
 */
export function useShortcuts(letters: boolean, handle: (shortcut: Shortcut, key: string) => boolean): void {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event, letters);
      const [target] = event.composedPath();
      if (!shortcut || (target instanceof Element && hasOwnKeys(target))) return;
      if (latest.current(shortcut, event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [letters]);
}

/** Whether letter keys are enabled in this browser. WCAG 2.1.4 requires that people can turn them off. */
export function useShortcutsWanted() {
  return useLocalStorage({ key: 'spinbay.shortcuts', defaultValue: true, getInitialValueInEffect: false });
}
