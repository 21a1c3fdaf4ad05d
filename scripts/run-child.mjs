import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program in this terminal and passes SIGINT and SIGTERM on to it. After such a signal, this process ends when the
 * program has ended.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<number>} its exit status
 */
export async function runChild(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: 'inherit' });
  let isStopping = false;
  const pass = (signal) => {
    isStopping = true;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM'];
  for (const name of signals) process.on(name, pass);
  const [status] = await once(child, 'exit');
  for (const name of signals) process.off(name, pass);
  if (isStopping) process.exit(status ?? 1);
  return status ?? 1;
}

/** Ends a Node.js process when its parent has ended, even if the parent was killed. */
const endWithParent = "data:text/javascript,process.on('disconnect',()=>process.exit(1));process.channel.unref()";

/**
 * Runs a Node.js program that must not outlive this process, because it writes to a folder that this process has locked.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<number>} its exit status
 */
export async function runBound(args, cwd) {
  const stdio = /** @type {const} */ (['inherit', 'inherit', 'inherit', 'ipc']);
  const child = spawn(process.execPath, ['--import', endWithParent, ...args], { cwd, stdio: [...stdio] });
  const [status] = await once(child, 'exit');
  return status ?? 1;
}
