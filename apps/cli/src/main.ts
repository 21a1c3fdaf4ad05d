import { inspect } from 'node:util';
import { UserError } from '@spinbay/contracts/user-error';
import { readEndpoints } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import { backup } from './commands/backup.ts';
import { dlq } from './commands/dlq.ts';
import { doctor } from './commands/doctor.ts';
import { erase } from './commands/erase.ts';
import { ingest } from './commands/ingest.ts';
import { keys } from './commands/keys.ts';
import { migrate } from './commands/migrate.ts';
import { org } from './commands/org.ts';
import { restore } from './commands/restore.ts';
import { sample } from './commands/sample.ts';
import { store } from './commands/store.ts';
import { token } from './commands/token.ts';
import { up } from './commands/up.ts';
import { CommandError } from './terminal/command-error.ts';
import { endWithoutReader } from './terminal/end-without-reader.ts';
import { print, printError } from './terminal/print.ts';
import { trustAuthority } from './trust-authority.ts';

interface Command {
  readonly usage: string;
  readonly about: string;
  /** Shown by the command's own --help. */
  readonly details?: string;
  /** @returns the exit status */
  readonly run: (args: string[]) => Promise<number>;
}

const commands: Record<string, Command> = {
  up,
  ingest,
  sample,
  token,
  keys,
  org,
  migrate,
  store,
  backup,
  restore,
  erase,
  dlq,
  doctor,
};

function help(): string {
  const lines = Object.values(commands).map((command) => `  spinbay ${command.usage}\n      ${command.about}`);
  return `Spinbay: 24 frames from the turntable to the reviewer.\n\n${lines.join('\n')}\n\nRun a command with --help for its options. Settings come from the environment; .env.example lists them.`;
}

async function main([name = 'help', ...args]: string[]): Promise<number> {
  if (['help', '--help', '-h'].includes(name)) {
    print(help());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new CommandError(`Unknown command "${name}".\n\n${help()}`);
  if (args.includes('--help') || args.includes('-h')) {
    print([`spinbay ${command.usage}`, `  ${command.about}`, command.details].filter(Boolean).join('\n'));
    return 0;
  }
  const { SPINBAY_DATA_DIR } = readSettings(process.env, ['SPINBAY_DATA_DIR']);
  // Commands that need the addresses read them again and report the error. A start replaces a damaged file.
  const running = await readEndpoints(SPINBAY_DATA_DIR).catch(() => null);
  if (running?.lan !== undefined) await trustAuthority(running.lan.ca);
  return command.run(args);
}

endWithoutReader();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  printError(error instanceof UserError ? `\n${error.message}` : inspect(error));
  process.exitCode = 1;
}
