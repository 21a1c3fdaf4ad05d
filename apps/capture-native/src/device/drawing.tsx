import type { DrawingProps } from '@spinbay/capture/platform/drawing.ts';
import Svg, { G, Path } from 'react-native-svg';

export function NativeDrawing({ paths, color, width, height, stroke }: DrawingProps) {
  return (
    <Svg viewBox="0 0 100 100" width={width} height={height} aria-hidden>
      <G fill="none" stroke={color} strokeWidth={stroke} strokeLinecap="round" strokeLinejoin="round">
        {paths.map((path) => (
          <Path key={path} d={path} />
        ))}
      </G>
    </Svg>
  );
}
