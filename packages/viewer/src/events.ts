export interface ViewerEvents {
  /** The viewer turned, between frames too; at most once for each frame of the screen. Degrees, 0 to 360. */
  readonly anglechange: { readonly angle_deg: number };
  /** Another slot is looked at: its place in the order of the angles, be there a picture or not. */
  readonly framechange: { readonly slot: number; readonly angle_deg: number };
  /** Turning shows the vehicle from all sides, though not with all its frames yet. Once for each connection. */
  readonly firstturnable: { readonly ready: number };
  /** Every picture that has a URL is loaded or has failed. Again when later frames have come in. */
  readonly allloaded: { readonly ready: number; readonly gaps: number };
  /** A picture could not be loaded. Setting `frames` with another URL for it tries again. */
  readonly pictureerror: {
    readonly slot: number;
    readonly angle_deg: number;
    readonly size: '600' | '1200' | 'original';
    /** Null when the host gave none for the original. */
    readonly url: string | null;
  };
}

export type Emit = <K extends keyof ViewerEvents>(type: K, detail: ViewerEvents[K]) => void;
