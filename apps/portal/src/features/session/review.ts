import type { Image, ImageId } from '@spinbay/contracts';
import { createContext, useContext } from 'react';

/** Actions for every frame on the page. The object stays the same, so that no tile renders again because of it. */
export interface ReviewActions {
  readonly mayPublish: boolean;
  /** Publishes or unpublishes the frame. Asks first if it failed or is a preview. */
  readonly toggle: (image: Image) => void;
  /** Called if a picture did not load, because its URL may have expired. */
  readonly renew: (url: string) => void;
}

/** Why requests failed: by image id, and under `all` for requests about all frames. */
export type Faults = ReadonlyMap<ImageId | 'all', string>;

const ReviewContext = createContext<ReviewActions | null>(null);
export const ReviewProvider = ReviewContext.Provider;

export function useReview(): ReviewActions {
  const actions = useContext(ReviewContext);
  if (!actions) throw new Error('useReview is used outside of ReviewProvider');
  return actions;
}
