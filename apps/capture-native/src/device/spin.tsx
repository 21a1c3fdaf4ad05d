import type { SpinFrame } from '@spinbay/capture/platform/spin-frame.ts';
import { useRef, useState } from 'react';
import { type AccessibilityActionEvent, Image, PanResponder, Text, useWindowDimensions, View } from 'react-native';
import { frameAt, turn } from './turn-spin';

interface SpinProps {
  readonly frames: readonly SpinFrame[];
  readonly turntable: 'clockwise' | 'counterclockwise';
  readonly language: string;
  readonly label: string;
}

/** The number of frames that a drag across the whole width turns: half a spin of 24. */
const framesPerWidth = 12;

/** A spin that turns by dragging sideways. With a screen reader, it turns by swiping up and down. */
export function NativeSpin({ frames, turntable, label }: SpinProps) {
  const { width } = useWindowDimensions();
  const [position, setPosition] = useState(0);
  const now = useRef({ from: 0, position, count: frames.length, width, way: 1 });
  now.current = { ...now.current, position, count: frames.length, width, way: turntable === 'clockwise' ? 1 : -1 };

  const responder = useRef(
    PanResponder.create({
      // A drag up or down scrolls the screen.
      onMoveShouldSetPanResponder: (_, { dx, dy }) => Math.abs(dx) > 6 && Math.abs(dx) > Math.abs(dy),
      onPanResponderGrant: () => {
        now.current.from = now.current.position;
      },
      onPanResponderMove: (_, { dx }) => {
        const { from, count, way } = now.current;
        setPosition(turn(from, (way * dx * framesPerWidth) / now.current.width, count));
      },
    }),
  ).current;

  const frame = frameAt(frames, position);
  const step = ({ nativeEvent: { actionName } }: AccessibilityActionEvent) =>
    setPosition((before) => turn(before, actionName === 'increment' ? 1 : -1, frames.length));
  return (
    <View
      {...responder.panHandlers}
      accessible
      accessibilityRole="adjustable"
      accessibilityLabel={label}
      accessibilityValue={{
        text: frame === null ? '' : [`${frame.angleDeg}°`, frame.label].filter(Boolean).join(', '),
      }}
      accessibilityActions={[{ name: 'increment' }, { name: 'decrement' }]}
      onAccessibilityAction={step}
      style={{ width: '100%', aspectRatio: 4 / 3, backgroundColor: '#000000', justifyContent: 'flex-end' }}
      testID="spin"
    >
      {frame !== null && frame.url !== null && (
        <Image
          source={{ uri: frame.url }}
          resizeMode="contain"
          fadeDuration={0}
          style={{ position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 }}
        />
      )}
      {frame !== null && (
        <Text style={{ color: '#ffffff', padding: 8, fontSize: 16 }}>
          {[`${frame.angleDeg}°`, frame.label].filter(Boolean).join(' · ')}
        </Text>
      )}
    </View>
  );
}
