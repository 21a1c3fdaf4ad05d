import { useEffect } from 'react';

/** Gives the focus back to what had it, when the dialog that calls this is gone. */
export function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // What had the focus may be behind another dialog that is just giving the page back.
      setTimeout(() => before instanceof HTMLElement && before.focus({ preventScroll: true }), 0);
    };
  }, []);
}
