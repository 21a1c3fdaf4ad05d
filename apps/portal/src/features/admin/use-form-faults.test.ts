import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { FormFaults } from './form-faults.ts';
import { useFormFaults } from './use-form-faults.ts';

const fields = ['name'] as const;

/** Submits a form once with each of these sets of faults. Returns the faults of each rendering. */
function submitted(error: unknown, ...submissions: FormFaults<'name'>['fields'][]): FormFaults<'name'>[] {
  const seen: FormFaults<'name'>[] = [];
  function Form() {
    const { faults, check } = useFormFaults(error, fields);
    const next = submissions[seen.length];
    seen.push(faults);
    if (next !== undefined) check(next);
    return null;
  }
  renderToStaticMarkup(createElement(Form));
  return seen;
}

it('makes each refusal a new one, even with the same faults', () => {
  const [, first, second] = submitted(null, { name: 'Fill this in.' }, { name: 'Fill this in.' });
  expect(first).toEqual({ fields: { name: 'Fill this in.' }, form: null });
  expect(second).toEqual(first);
  expect(second).not.toBe(first);
});

it('keeps the refusal of the server until the next one, so that typing does not move the focus', () => {
  const [first, second] = submitted(new Error('no'), {});
  expect(first?.form).toContain('no');
  expect(second).toBe(first);
});
