import { CommandError } from './command-error.ts';

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } };
}

/** Parses the value of a flag or an argument. @throws CommandError if it is missing or malformed */
export function parseOption<T>(usage: string, name: string, schema: Schema<T>, value: string | number | undefined): T {
  if (value === undefined) throw new CommandError(`${name} is missing.\nUsage: spinbay ${usage}`);
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new CommandError(`${name} ${value}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`);
  return parsed.data;
}
