/** Memory in GiB of each instance size, for the families t4g and m. The family r has twice as much. */
const gib: Readonly<Record<string, number>> = {
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
  '4xlarge': 64,
  '8xlarge': 128,
};

/** The `max_connections` of RDS: memory in bytes / 9,531,392, at most 5,000. RDS reserves a few for itself. */
export function connectionsOf(instanceClass: string): number {
  const [family = '', size = ''] = instanceClass.split('.');
  const memory = (gib[size] ?? 0) * (family.startsWith('r') ? 2 : 1) * 1024 ** 3;
  return Math.min(5_000, Math.floor(memory / 9_531_392));
}

/**
 * The largest number of connections of one process. Each execution environment of a function is a process. The jobs of the
 * eraser run one after the other, and a job uses one connection.
 */
export const poolSizes = { fargateWorker: 10, lambdaWorker: 2, eraser: 2 } as const;

/** A deployment starts all new tasks of a service before it stops the old ones. */
export const rollingDeployment = { minHealthyPercent: 100, maxHealthyPercent: 200 } as const;

interface Processes {
  readonly api: { readonly maxTasks: number };
  readonly worker:
    | { readonly kind: 'fargate'; readonly tasks: { readonly maxTasks: number } }
    | { readonly kind: 'lambda'; readonly maxConcurrency: number };
  readonly database: { readonly instanceClass: string; readonly poolSizePerTask: number };
}

/**
 * @returns an error text if the database has too few connections for all processes while all services are being deployed,
 * otherwise null
 */
export function connectionFault({ api, worker, database }: Processes): string | null {
  const ofApi = api.maxTasks * database.poolSizePerTask;
  const ofWorkers =
    worker.kind === 'lambda'
      ? worker.maxConcurrency * poolSizes.lambdaWorker
      : worker.tasks.maxTasks * poolSizes.fargateWorker;
  const needed = (rollingDeployment.maxHealthyPercent / 100) * (ofApi + ofWorkers + poolSizes.eraser);
  const available = connectionsOf(database.instanceClass);
  if (needed <= available) return null;
  return `has ${available} connections, but ${ofApi} of the API, ${ofWorkers} of the workers and ${poolSizes.eraser} of the eraser are ${needed} while a deployment runs old and new processes together. Use a larger class, or fewer tasks`;
}
