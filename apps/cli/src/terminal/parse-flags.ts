import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CommandError } from './command-error.ts';

/** `parseArgs` that throws a usage error for bad arguments. */
export function parseFlags<T extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  args: string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\nUsage: spinbay ${usage}`);
  }
}
