import { DescribeTasksCommand, ECSClient, RunTaskCommand, waitUntilTasksStopped } from '@aws-sdk/client-ecs';

interface OneOffTask {
  readonly region: string;
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly container: string;
  readonly subnets: readonly string[];
  readonly securityGroup: string;
  /** Arguments of the `spinbay` command. */
  readonly command: readonly string[];
}

/** Migrations of large tables may take long. */
const maxWaitSeconds = 3_600;

/** Runs a task to its end. @throws Error if it did not start, or ended with a status other than 0 */
export async function runTask(task: OneOffTask): Promise<void> {
  const client = new ECSClient({ region: task.region });
  const what = `spinbay ${task.command.join(' ')}`;
  try {
    const started = await client.send(
      new RunTaskCommand({
        cluster: task.cluster,
        taskDefinition: task.taskDefinition,
        launchType: 'FARGATE',
        count: 1,
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...task.subnets],
            securityGroups: [task.securityGroup],
            assignPublicIp: 'DISABLED',
          },
        },
        overrides: { containerOverrides: [{ name: task.container, command: [...task.command] }] },
      }),
    );
    const arn = started.tasks?.[0]?.taskArn;
    if (arn === undefined)
      throw new Error(`"${what}" did not start: ${started.failures?.[0]?.reason ?? 'no reason given'}.`);
    const named = { cluster: task.cluster, tasks: [arn] };
    await waitUntilTasksStopped({ client, maxWaitTime: maxWaitSeconds, minDelay: 2, maxDelay: 10 }, named);
    const { tasks = [] } = await client.send(new DescribeTasksCommand(named));
    const exitCode = tasks[0]?.containers?.find(({ name }) => name === task.container)?.exitCode;
    if (exitCode !== 0) {
      const why = exitCode === undefined ? (tasks[0]?.stoppedReason ?? 'no reason given') : `status ${exitCode}`;
      throw new Error(
        `"${what}" failed (${why}). Its log is in the log group of the stack "migrate". The new version was not deployed.`,
      );
    }
  } finally {
    client.destroy();
  }
}
