import { Pressable, View } from 'react-native';

interface ShutterProps {
  readonly label: string;
  readonly disabled: boolean;
  readonly onPress: () => void;
}

const size = 92;

export function Shutter({ label, disabled, onPress }: ShutterProps) {
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      testID="shutter"
      style={({ pressed }) => ({
        width: size,
        height: size,
        borderRadius: size / 2,
        borderWidth: 5,
        borderColor: '#ffffff',
        backgroundColor: 'rgba(0, 0, 0, 0.35)',
        alignItems: 'center',
        justifyContent: 'center',
        opacity: disabled ? 0.45 : 1,
        transform: [{ scale: pressed ? 0.92 : 1 }],
      })}
    >
      <View style={{ width: size - 22, height: size - 22, borderRadius: size / 2, backgroundColor: '#ffffff' }} />
    </Pressable>
  );
}
