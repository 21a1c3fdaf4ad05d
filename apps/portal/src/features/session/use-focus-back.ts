import { useEffect } from 'react';

/** Returns the focus to the previous element when the calling dialog closes. */
export function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // The previous element may still be behind another dialog that is closing.
      setTimeout(() => before instanceof HTMLElement && before.focus({ preventScroll: true }), 0);
    };
  }, []);
}
