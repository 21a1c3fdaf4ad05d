import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { hasOwnKeys, type Shortcut, shortcutOf } from './shortcuts.ts';

/**
 * Listens to the page's keys.
 * @param letters whether all shortcuts are wanted, or only those that always work
 * @param obey says whether it did something; then the browser does nothing of its own
 */
export function useShortcuts(letters: boolean, obey: (shortcut: Shortcut, key: string) => boolean): void {
  const latest = useRef(obey);
  useEffect(() => {
    latest.current = obey;
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

/** Whether letters do something, as somebody chose in this browser: WCAG 2.1.4 asks for a way to turn them off. */
export function useShortcutsWanted() {
  return useLocalStorage({ key: 'spinbay.shortcuts', defaultValue: true, getInitialValueInEffect: false });
}
