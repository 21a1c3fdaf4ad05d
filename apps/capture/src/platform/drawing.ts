import type { ComponentType } from 'react';

/** A line drawing on a square of 100 units. */
export interface DrawingProps {
  /** In the format of `d` of an SVG path. */
  readonly paths: readonly string[];
  readonly color: string;
  readonly width: number;
  readonly height: number;
  /** Line width, in units of the drawing. */
  readonly stroke: number;
}

export type Drawing = ComponentType<DrawingProps>;
