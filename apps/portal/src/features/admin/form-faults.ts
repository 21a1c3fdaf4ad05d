import { ApiError } from '@spinbay/client';
import { faultWords } from '../../api/faults.ts';
import { adminTexts } from '../../ui/admin-texts.ts';

/** Faults of a form: texts for fields, and for the whole form. */
export interface FormFaults<Field extends string> {
  readonly fields: Partial<Readonly<Record<Field, string>>>;
  readonly form: string | null;
}

/** The error codes about one field, and their field. */
const fieldOfCode = {
  email_taken: 'email',
  site_name_taken: 'name',
  shot_list_name_taken: 'name',
  last_admin: 'role',
  site_not_found: 'site_ids',
} as const;

/** The texts for a refused change: beside a field if the error is about it, else for the whole form. */
export function formFaults<Field extends string>(error: unknown, fields: readonly Field[]): FormFaults<Field> {
  if (error === null || error === undefined) return { fields: {}, form: null };
  const has = (name: string | undefined): name is Field => fields.some((field) => field === name);
  if (error instanceof ApiError) {
    const { code } = error;
    if (code in fieldOfCode) {
      const known = code as keyof typeof fieldOfCode;
      const field: string = fieldOfCode[known];
      if (has(field)) return { fields: oneField(field, adminTexts.faults[known]), form: null };
    }
    const named = error.fields.map(({ path, message }) => ({ field: path.split('.')[1], message }));
    if (named.length > 0 && named.every(({ field }) => has(field))) {
      return { fields: Object.fromEntries(named.map(({ field, message }) => [field, message])) as never, form: null };
    }
  }
  const { title, body } = faultWords(error);
  return { fields: {}, form: `${title}. ${body}` };
}

function oneField<Field extends string>(field: Field, words: string): Partial<Record<Field, string>> {
  const one: Partial<Record<Field, string>> = {};
  one[field] = words;
  return one;
}

interface Schema {
  safeParse(value: unknown): { success: boolean };
}

/** The fault of a required text; null if it is valid. */
export function textFault(text: string, schema: Schema, malformed: string): string | null {
  if (text.trim() === '') return adminTexts.faults.required;
  return schema.safeParse(text).success ? null : malformed;
}
