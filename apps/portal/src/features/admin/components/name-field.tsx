import { TextInput } from '@mantine/core';

interface NameFieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The name: the first field of each dialog, which gets the focus. */
export function NameField({ label, hint, error, value, onChange }: NameFieldProps) {
  return (
    <TextInput
      data-autofocus
      label={label}
      description={hint}
      error={error}
      value={value}
      maxLength={200}
      autoComplete="off"
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
