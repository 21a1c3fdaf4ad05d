import { useId } from 'react';
import { Text, TextInput, View } from 'react-native';
import { radius, touch, useTheme } from './theme.tsx';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onSubmit?: () => void;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly maxLength: number;
  readonly testID?: string;
}

/** A single-line text field for codes, stock numbers and VINs. On-screen keyboards type capital letters. */
export function Field({ label, value, onChange, onSubmit, hint, fault, maxLength, testID }: FieldProps) {
  const theme = useTheme();
  const id = useId();
  return (
    <View style={{ gap: 6 }}>
      <Text id={id} style={{ color: theme.text, fontSize: 16, fontWeight: '600' }}>
        {label}
      </Text>
      <TextInput
        aria-labelledby={id}
        value={value}
        onChangeText={onChange}
        autoCapitalize="characters"
        autoCorrect={false}
        autoComplete="off"
        maxLength={maxLength}
        {...(onSubmit === undefined ? {} : { onSubmitEditing: onSubmit })}
        {...(testID === undefined ? {} : { testID })}
        style={{
          minHeight: touch,
          paddingHorizontal: 16,
          borderRadius: radius,
          borderWidth: 2,
          borderColor: fault === undefined ? theme.border : theme.danger,
          backgroundColor: theme.surface,
          color: theme.text,
          fontSize: 20,
          letterSpacing: 1,
        }}
      />
      {fault !== undefined && (
        <Text role="alert" style={{ color: theme.danger, fontSize: 16 }}>
          {fault}
        </Text>
      )}
      {hint !== undefined && fault === undefined && (
        <Text aria-live="polite" style={{ color: theme.dim, fontSize: 15 }}>
          {hint}
        </Text>
      )}
    </View>
  );
}
