import { useMemo, useState } from 'react';
import { type FormFaults, formFaults } from './form-faults.ts';

/**
 * The faults that the form itself found. If it found none, the faults for which the server refused it. Each refusal is a new
 * object, even with the same faults, so that the form can move the focus again.
 * @param fields the same array at each call
 */
export function useFormFaults<Field extends string>(error: unknown, fields: readonly Field[]) {
  const [found, setFound] = useState<FormFaults<Field>['fields'] | null>(null);
  const faults = useMemo(
    (): FormFaults<Field> => (found === null ? formFaults(error, fields) : { fields: found, form: null }),
    [found, error, fields],
  );
  /** Shows the faults that the form found. Returns whether it found none. */
  const check = (faults: FormFaults<Field>['fields']): boolean => {
    const isValid = Object.keys(faults).length === 0;
    setFound(isValid ? null : faults);
    return isValid;
  };
  return { faults, check };
}
