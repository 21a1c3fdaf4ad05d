import type { ReactNode } from 'react';
import { Pressable, ScrollView, Text, View } from 'react-native';
import { Icon } from './icon.tsx';
import { gap, touch, useTheme } from './theme.tsx';

interface ScreenProps {
  readonly title: string;
  readonly back?: { readonly label: string; readonly onPress: () => void };
  /** At the right end of the title line. */
  readonly actions?: ReactNode;
  /** Stays within reach of the thumb while the rest scrolls. */
  readonly footer?: ReactNode;
  readonly children: ReactNode;
}

/** A screen of text and forms. */
export function Screen({ title, back, actions, footer, children }: ScreenProps) {
  const theme = useTheme();
  const column = { width: '100%', maxWidth: 720, alignSelf: 'center' } as const;
  return (
    <View role="main" style={{ flex: 1, backgroundColor: theme.background }}>
      <View style={{ ...column, flexDirection: 'row', alignItems: 'center', gap: 8, padding: 12, minHeight: 72 }}>
        {back && (
          <IconButton label={back.label} onPress={back.onPress}>
            <Icon name="back" color={theme.text} />
          </IconButton>
        )}
        <Text
          role="heading"
          aria-level={1}
          style={{ flex: 1, minWidth: 0, color: theme.text, fontSize: 26, fontWeight: '800' }}
        >
          {title}
        </Text>
        {actions}
      </View>
      <ScrollView
        // Arrow keys scroll a list without buttons.
        tabIndex={0}
        style={{ flex: 1 }}
        keyboardShouldPersistTaps="handled"
        contentContainerStyle={{ ...column, padding: 16, gap: 20, paddingBottom: 32 }}
      >
        {children}
      </ScrollView>
      {footer !== undefined && (
        <View style={{ borderTopWidth: 1, borderColor: theme.border, backgroundColor: theme.surface }}>
          <View style={{ ...column, padding: 12, gap }}>{footer}</View>
        </View>
      )}
    </View>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly onPress: () => void;
  readonly children: ReactNode;
  readonly disabled?: boolean;
  readonly testID?: string;
}

export function IconButton({ label, onPress, children, disabled = false, testID }: IconButtonProps) {
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      {...(testID === undefined ? {} : { testID })}
      style={({ pressed }) => ({
        width: touch,
        height: touch,
        borderRadius: touch / 2,
        alignItems: 'center',
        justifyContent: 'center',
        opacity: disabled ? 0.4 : pressed ? 0.6 : 1,
      })}
    >
      {children}
    </Pressable>
  );
}
