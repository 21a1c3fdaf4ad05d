import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = JSON.stringify(fileURLToPath(new URL('run-child.mjs', import.meta.url)));

/** A process that runs `call` of the module. */
function parentOf(call: string) {
  const code = `import { runBound, runChild } from ${module};
    const endless = "console.log(process.pid); setInterval(() => undefined, 1000);";
    ${call}`;
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The process id that the child prints first. */
async function childOf(parent: ReturnType<typeof parentOf>): Promise<number> {
  const [line] = await once(parent.stdout, 'data');
  return Number(String(line));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a signal ends the program and then the command, which starts no other program', async () => {
  const parent = parentOf(`
    const orderly = "process.on('SIGTERM', () => process.exit(7));" + endless;
    await runChild(process.execPath, ['-e', orderly], '.');
    console.log('goes on');`);
  const child = await childOf(parent);
  const rest = text(parent.stdout);
  parent.kill('SIGTERM');
  expect((await once(parent, 'exit'))[0]).toBe(7);
  expect(isAlive(child)).toBe(false);
  expect(await rest).toBe('');
});

test('a program that is bound to the command ends with it, even if the command is killed', async () => {
  const parent = parentOf("await runBound(['-e', endless], '.');");
  const child = await childOf(parent);
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(child)).toBe(false);
});

test('runBound and runChild return the status of a program that ends by itself', async () => {
  const parent = parentOf(`
    console.log(await runBound(['-e', 'process.exitCode = 3'], '.'));
    console.log(await runChild(process.execPath, ['-e', 'process.exitCode = 4'], '.'));`);
  expect(await text(parent.stdout)).toBe('3\n4\n');
});
