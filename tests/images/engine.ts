import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const engine = process.env.SPINBAY_CONTAINER_ENGINE ?? 'docker';
/** Options of the engine on this machine: for each of its commands, and for `run` alone. */
const engineFlags = flagsOf('SPINBAY_ENGINE_FLAGS');
const runFlags = flagsOf('SPINBAY_RUN_FLAGS');
/** As a deployment runs the images: on a read-only file system and without capabilities. */
const restrictions = ['--read-only', '--cap-drop', 'ALL', '--network', 'host', ...runFlags];
const maxBuffer = 64 * 2 ** 20;
/** The ids of the containers by name. */
const started = new Map<string, string>();

interface ContainerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Instead of the command of the image. */
  readonly command?: readonly string[];
}

/** Starts a container of the image `spinbay-{image}` under this name. */
export async function begin(name: string, image: string, options: ContainerOptions = {}): Promise<void> {
  const { env = {}, flags = [], command = [] } = options;
  const id = `spinbay-test-${name}-${process.pid}`;
  started.set(name, id);
  await call(
    'run',
    '--detach',
    '--name',
    id,
    ...restrictions,
    ...flags,
    ...variables(env),
    imageName(image),
    ...command,
  );
}

/** Runs a command of an image to its end. @returns what it printed. @throws Error with its output if it fails */
export async function runOnce(
  image: string,
  { env = {}, flags = [], command = [] }: ContainerOptions,
): Promise<string> {
  return call('run', '--rm', ...restrictions, ...flags, ...variables(env), imageName(image), ...command);
}

/** Runs a command in a running container. @returns what it printed */
export async function exec(name: string, command: readonly string[]): Promise<string> {
  return call('exec', idOf(name), ...command);
}

/** Stops a container as a deployment does, and removes it. @returns its exit status */
export async function stop(name: string): Promise<number> {
  const id = idOf(name);
  await call('stop', '--time', '40', id);
  const status = await call('inspect', '--format', '{{.State.ExitCode}}', id);
  await remove(name);
  return Number(status);
}

/** Removes every container that this process started, running or not. */
export async function removeAll(): Promise<void> {
  for (const name of started.keys()) await remove(name).catch(() => undefined);
}

export async function logsOf(name: string): Promise<string> {
  const { stdout, stderr } = await run(engine, [...engineFlags, 'logs', idOf(name)], { maxBuffer });
  return `${stdout}${stderr}`;
}

/** The state and the end of the log of each container. */
export async function describeAll(): Promise<string> {
  const parts: string[] = [];
  for (const [name, id] of started) {
    const state = await call('inspect', '--format', '{{.State.Status}}, exit status {{.State.ExitCode}}', id).catch(
      String,
    );
    parts.push(`---- ${name}: ${state.trim()}`, (await logsOf(name).catch(String)).split('\n').slice(-60).join('\n'));
  }
  return parts.join('\n');
}

async function remove(name: string): Promise<void> {
  await call('rm', '--force', '--volumes', idOf(name));
  started.delete(name);
}

interface Image {
  readonly user: string;
  readonly stopSignal: string | undefined;
  /** The command of the health check. */
  readonly health: readonly string[] | undefined;
}

interface HealthCheck {
  readonly Test: readonly string[];
}

/** Docker has the health check in the configuration of an image, Podman beside it. */
interface Inspected {
  readonly Config: { readonly User: string; readonly StopSignal?: string; readonly Healthcheck?: HealthCheck };
  readonly HealthCheck?: HealthCheck;
  readonly Healthcheck?: HealthCheck;
}

export async function inspectImage(image: string): Promise<Image> {
  const [facts] = JSON.parse(await call('image', 'inspect', imageName(image))) as Inspected[];
  if (facts === undefined) throw new Error(`there is no image ${imageName(image)}`);
  const [kind, ...words] = (facts.Config.Healthcheck ?? facts.HealthCheck ?? facts.Healthcheck)?.Test ?? [];
  const health = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', words.join(' ')] : words;
  return {
    user: facts.Config.User,
    stopSignal: facts.Config.StopSignal,
    health: kind === undefined ? undefined : health,
  };
}

async function call(...args: string[]): Promise<string> {
  return (await run(engine, [...engineFlags, ...args], { maxBuffer })).stdout;
}

function imageName(image: string): string {
  return `spinbay-${image}`;
}

function idOf(name: string): string {
  const id = started.get(name);
  if (id === undefined) throw new Error(`the container ${name} was not started`);
  return id;
}

function variables(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
}

function flagsOf(setting: string): string[] {
  return (process.env[setting] ?? '').split(' ').filter(Boolean);
}
