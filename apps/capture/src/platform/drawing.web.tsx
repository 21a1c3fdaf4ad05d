import type { DrawingProps } from './drawing.ts';

export function WebDrawing({ paths, color, width, height, stroke }: DrawingProps) {
  return (
    <svg viewBox="0 0 100 100" width={width} height={height} aria-hidden="true" focusable="false">
      <g fill="none" stroke={color} strokeWidth={stroke} strokeLinecap="round" strokeLinejoin="round">
        {paths.map((path) => (
          <path key={path} d={path} />
        ))}
      </g>
    </svg>
  );
}
