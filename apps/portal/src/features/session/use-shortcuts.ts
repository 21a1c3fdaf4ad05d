import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { type Shortcut, shortcutOf, typingPlaces } from './shortcuts.ts';

/** Listens to the page's letters. `obey` says whether it did something; then the browser does nothing of its own. */
export function useShortcuts(on: boolean, obey: (shortcut: Shortcut, key: string) => boolean): void {
  const latest = useRef(obey);
  useEffect(() => {
    latest.current = obey;
  });
  useEffect(() => {
    if (!on) return;
    const listen = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      const [target] = event.composedPath();
      if (!shortcut || (target instanceof Element && target.closest(typingPlaces))) return;
      if (latest.current(shortcut, event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [on]);
}

/** Whether letters do something, as somebody chose in this browser: WCAG 2.1.4 asks for a way to turn them off. */
export function useShortcutsWanted() {
  return useLocalStorage({ key: 'spinbay.shortcuts', defaultValue: true, getInitialValueInEffect: false });
}
