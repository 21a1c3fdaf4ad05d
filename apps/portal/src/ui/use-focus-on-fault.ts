import { useEffect, useRef } from 'react';

/** The ref of a form. Each change of `refusal` moves the focus to the first field with a fault. */
export function useFocusOnFault(refusal: unknown) {
  const form = useRef<HTMLFormElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a refusal may show the same faults as the previous one
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [refusal]);
  return form;
}
