import { useEffect } from 'react';
import { texts } from './texts.ts';

/** Sets the title of the browser's tab. */
export function usePageTitle(page: string): void {
  useEffect(() => {
    document.title = texts.pageTitle(page);
  }, [page]);
}
