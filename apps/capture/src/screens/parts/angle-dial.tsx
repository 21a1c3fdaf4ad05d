import { Pressable, Text, View } from 'react-native';
import { angleAtTap, placeOnDial, pressPosition } from '../../features/camera/dial.ts';
import { isTaken, type SessionSlot } from '../../features/session/session-slots.ts';
import { useTexts } from '../../texts/texts.tsx';
import { useTheme } from '../../ui/theme.tsx';

interface AngleDialProps {
  readonly slots: readonly SessionSlot[];
  readonly current: SessionSlot | null;
  readonly saving: ReadonlySet<string>;
  readonly safe: number;
  readonly size: number;
  readonly onSelect: (slot: string) => void;
}

const fill = { position: 'absolute', top: 0, left: 0, right: 0, bottom: 0 } as const;

/** The angles of the spin in a circle, with the progress in the middle. A tap selects an angle. */
export function AngleDial({ slots, current, saving, safe, size, onSelect }: AngleDialProps) {
  const theme = useTheme();
  const texts = useTexts();
  const radius = size / 2;
  const ring = radius - 9;
  const dot = Math.max(4, Math.min(10, (ring * Math.PI * 1.5) / slots.length));
  const colorOf = (slot: SessionSlot) => {
    if (saving.has(slot.key)) return theme.warning;
    if (!isTaken(slot)) return 'rgba(255, 255, 255, 0.45)';
    const verdict = slot.photo?.qc?.verdict ?? slot.remote?.verdict ?? 'pass';
    return verdict === 'fail' ? theme.danger : theme.good;
  };
  return (
    <View style={{ width: size, height: size }}>
      <Pressable
        role="button"
        aria-label={`${texts.capture.dial}: ${texts.capture.progressLong(safe, slots.length)}. ${texts.capture.dialHint}`}
        testID="dial"
        onPress={({ nativeEvent }) => {
          const position = pressPosition(nativeEvent);
          if (position === null) return;
          const angles = slots.flatMap(({ angleDeg }) => angleDeg ?? []);
          const angle = angleAtTap(angles, position.x / radius - 1, position.y / radius - 1);
          const slot = slots.find(({ angleDeg }) => angleDeg === angle);
          if (angle !== null && slot) onSelect(slot.key);
        }}
        style={{ width: size, height: size, borderRadius: radius, backgroundColor: theme.surface }}
      >
        <View pointerEvents="none" style={fill}>
          {slots.map((slot) => {
            const { x, y } = placeOnDial(slot.angleDeg ?? 0);
            const isCurrent = slot.key === current?.key;
            const side = isCurrent ? dot + 8 : dot;
            return (
              <View
                key={slot.key}
                style={{
                  position: 'absolute',
                  left: radius + x * ring - side / 2,
                  top: radius + y * ring - side / 2,
                  width: side,
                  height: side,
                  borderRadius: side / 2,
                  backgroundColor: colorOf(slot),
                  borderWidth: isCurrent ? 3 : 0,
                  borderColor: '#ffffff',
                }}
              />
            );
          })}
        </View>
      </Pressable>
      <View pointerEvents="none" style={{ ...fill, alignItems: 'center', justifyContent: 'center' }}>
        <Text testID="angle" style={{ color: theme.text, fontSize: size / 4.6, fontWeight: '800' }}>
          {current?.angleDeg == null ? '✓' : texts.capture.angle(current.angleDeg)}
        </Text>
        <Text testID="progress" style={{ color: theme.text, fontSize: size / 7.5, fontWeight: '700' }}>
          {texts.capture.progress(safe, slots.length)}
        </Text>
      </View>
    </View>
  );
}
