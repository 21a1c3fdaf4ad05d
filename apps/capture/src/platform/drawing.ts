import type { ComponentType } from 'react';

/** A drawing of lines on a square of 100 units. Native shells draw it with their own library for vector pictures. */
export interface DrawingProps {
  /** As `d` of an SVG path. */
  readonly paths: readonly string[];
  readonly color: string;
  readonly width: number;
  readonly height: number;
  /** In units of the drawing. */
  readonly stroke: number;
}

export type Drawing = ComponentType<DrawingProps>;
