import type { ReactNode } from 'react';
import { Pressable, Text, View } from 'react-native';
import { gap, radius, touch, useTheme } from './theme.tsx';

interface ButtonProps {
  readonly title: string;
  readonly onPress: () => void;
  /** `main`: the main action of the screen. `quiet`: a secondary action or an exit. */
  readonly kind?: 'main' | 'plain' | 'quiet' | 'danger';
  readonly disabled?: boolean;
  readonly busy?: boolean;
  readonly icon?: ReactNode;
  readonly testID?: string;
}

export function Button({ title, onPress, kind = 'plain', disabled = false, busy = false, icon, testID }: ButtonProps) {
  const theme = useTheme();
  const colors = {
    main: { background: theme.accent, text: theme.onAccent, border: theme.accent },
    plain: { background: theme.surface, text: theme.text, border: theme.border },
    quiet: { background: 'transparent', text: theme.accent, border: 'transparent' },
    danger: { background: theme.dangerSurface, text: theme.danger, border: theme.danger },
  }[kind];
  return (
    <Pressable
      role="button"
      aria-disabled={disabled || busy}
      aria-busy={busy}
      disabled={disabled || busy}
      onPress={onPress}
      {...(testID === undefined ? {} : { testID })}
      style={({ pressed }) => ({
        minHeight: touch,
        paddingHorizontal: 20,
        paddingVertical: 10,
        borderRadius: radius,
        borderWidth: 2,
        flexDirection: 'row',
        alignItems: 'center',
        justifyContent: 'center',
        gap,
        backgroundColor: disabled ? theme.background : colors.background,
        borderColor: disabled ? theme.border : colors.border,
        borderStyle: disabled ? 'dashed' : 'solid',
        opacity: pressed ? 0.7 : 1,
      })}
    >
      {icon}
      <Text
        style={{
          color: disabled ? theme.dim : colors.text,
          fontSize: 18,
          fontWeight: '700',
          textAlign: 'center',
          flexShrink: 1,
        }}
      >
        {title}
      </Text>
    </Pressable>
  );
}

/** Buttons side by side, or below each other on a narrow screen. */
export function Buttons({ children }: { readonly children: ReactNode }) {
  return <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap }}>{children}</View>;
}
