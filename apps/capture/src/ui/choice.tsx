import { useId } from 'react';
import { Pressable, Text, View } from 'react-native';
import { radioKeys } from './radio-keys.ts';
import { radius, touch, useTheme } from './theme.tsx';

interface ChoiceProps<T> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly title: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A choice between a few options. */
export function Choice<T extends string | number | boolean>({ label, options, value, onChange }: ChoiceProps<T>) {
  const theme = useTheme();
  const id = useId();
  // The group is one tab stop: the chosen option, or the first one if none is chosen.
  const tabStop = Math.max(
    0,
    options.findIndex((option) => option.value === value),
  );
  // Many options form rows of three, or of two if one of them needs the room.
  const isLong = options.some(({ title }) => title.length > 12);
  const flexBasis = options.length <= 4 ? 'auto' : isLong ? '45%' : '30%';
  return (
    <View style={{ gap: 6 }}>
      <Text id={id} style={{ color: theme.text, fontSize: 16, fontWeight: '600' }}>
        {label}
      </Text>
      <View
        role="radiogroup"
        aria-labelledby={id}
        style={{ flexDirection: 'row', flexWrap: 'wrap', gap: 8 }}
        {...radioKeys}
      >
        {options.map((option, k) => {
          const chosen = option.value === value;
          return (
            <Pressable
              key={String(option.value)}
              role="radio"
              aria-checked={chosen}
              tabIndex={k === tabStop ? 0 : -1}
              onPress={() => onChange(option.value)}
              style={({ pressed }) => ({
                minHeight: touch,
                minWidth: touch,
                flexGrow: 1,
                flexBasis,
                paddingHorizontal: 14,
                paddingVertical: 6,
                justifyContent: 'center',
                alignItems: 'center',
                borderRadius: radius,
                borderWidth: 2,
                borderColor: chosen ? theme.accent : theme.border,
                backgroundColor: chosen ? theme.accent : theme.surface,
                opacity: pressed ? 0.7 : 1,
              })}
            >
              <Text
                style={{
                  color: chosen ? theme.onAccent : theme.text,
                  fontSize: 17,
                  fontWeight: '600',
                  textAlign: 'center',
                }}
              >
                {option.title}
              </Text>
            </Pressable>
          );
        })}
      </View>
    </View>
  );
}
