export interface ViewerEvents {
  /** The viewer turned, possibly between frames. At most once per animation frame. Degrees, 0 to 360. */
  readonly anglechange: { readonly angle_deg: number };
  /** The current slot changed. `slot` is its index by angle, with or without a picture. */
  readonly framechange: { readonly slot: number; readonly angle_deg: number };
  /** The loaded pictures show the vehicle from all sides, or no more will load. Fired once per connection of the element. */
  readonly firstturnable: { readonly ready: number };
  /** Every picture with a URL has loaded or failed, and at least one has loaded. Fired again after later frames. */
  readonly allloaded: { readonly ready: number; readonly gaps: number };
  /**
   * A picture failed to load. To retry, set `frames` with another URL for it, or with another function if it is the
   * original.
   */
  readonly pictureerror: {
    readonly slot: number;
    readonly angle_deg: number;
    readonly size: '600' | '1200' | 'original';
    /** Null if the page gave no URL for the original. */
    readonly url: string | null;
  };
}

export type Emit = <K extends keyof ViewerEvents>(type: K, detail: ViewerEvents[K]) => void;
