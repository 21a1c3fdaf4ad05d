import type { Image, ImageId } from '@spinbay/contracts';
import { createContext, useContext } from 'react';

/** What every frame on the page can ask for; never changes while the page is open. */
export interface ReviewActions {
  readonly mayPublish: boolean;
  /** Publishes the frame, or takes it back; asks first where it failed or is a preview. */
  readonly toggle: (image: Image) => void;
  /** A picture did not load: perhaps its address is out of date. */
  readonly renew: (url: string) => void;
}

/** Why frames are not what was asked for, by their ids. */
export type Faults = ReadonlyMap<ImageId | 'all', string>;

const ReviewContext = createContext<ReviewActions | null>(null);
export const ReviewProvider = ReviewContext.Provider;

export function useReview(): ReviewActions {
  const actions = useContext(ReviewContext);
  if (!actions) throw new Error('useReview is used outside of ReviewProvider');
  return actions;
}
