/** A frame of a spin, or a gap. */
export interface SpinFrame {
  readonly angleDeg: number;
  readonly id: string | null;
  readonly url: string | null;
  readonly qc: 'pass' | 'warn' | 'fail' | 'pending' | 'missing';
  readonly label?: string | undefined;
}
