import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { hasOwnKeys, type Shortcut, shortcutOf } from './shortcuts.ts';

/**
 * Listens to the page's keys.
 * @param letters whether all shortcuts are enabled, or only those that always work
 * @param obey returns whether it handled the key, which prevents the browser's default
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

/** Whether letter keys are enabled in this browser. WCAG 2.1.4 requires a way to turn them off. */
export function useShortcutsWanted() {
  return useLocalStorage({ key: 'spinbay.shortcuts', defaultValue: true, getInitialValueInEffect: false });
}
