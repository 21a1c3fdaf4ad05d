import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UserError } from '@spinbay/contracts/user-error';

/** The secret cannot be read or written. The message names the secret but never contains any of it. */
export class SecretError extends UserError {
  override readonly name = 'SecretError';
  /** A stable code for the fault. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A secret that may change while processes run. */
export interface SecretSource {
  /** The file or ARN, for messages. */
  readonly name: string;
  /** @throws SecretError */
  read(): Promise<string>;
}

/** A secret in AWS Secrets Manager. */
export interface AwsSecret extends SecretSource {
  /** Reads the pending value of a rotation. @returns null if no rotation is in progress */
  readPending(): Promise<string | null>;
  /** @returns null if the secret exists but has no value yet */
  readIfSet(): Promise<string | null>;
  /**
   * Makes `text` the current value.
   * @param replaces the value that the caller has read, or null for none
   * @throws SecretError, including when the secret has another value by now. Of concurrent calls, one succeeds. Secrets
   *   Manager has no conditional write, so a change by other means within the milliseconds of the call is overwritten.
   */
  write(text: string, replaces: string | null): Promise<void>;
}

const arnShape = /^arn:aws[\w-]*:secretsmanager:([\w-]+):\d{12}:secret:[\w/+=.@-]+$/;

export function isSecretArn(location: string): boolean {
  return arnShape.test(location);
}

/** @param location a file, or the ARN of a secret in AWS Secrets Manager */
export function openSecret(location: string): SecretSource {
  if (isSecretArn(location)) return openAwsSecret(location);
  return {
    name: location,
    read: () =>
      readFile(location, 'utf8').catch((error: unknown) => {
        throw cannot('read', location, error);
      }),
  };
}

/** @param arn see `isSecretArn` */
export function openAwsSecret(arn: string): AwsSecret {
  const [, region] = arnShape.exec(arn) ?? [];
  if (region === undefined)
    throw new SecretError(`${arn} is not the ARN of a secret in AWS Secrets Manager.`, 'not an ARN');
  const connect = async () => {
    // Loaded on demand, because most local processes do not need it.
    const aws = await import('@aws-sdk/client-secrets-manager');
    const client = new aws.SecretsManagerClient({
      region,
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    });
    return { aws, client };
  };
  let connected: ReturnType<typeof connect> | undefined;
  const connection = () => {
    connected ??= connect();
    return connected;
  };
  const get = async (stage: string): Promise<{ text: string; version: string | undefined } | null> => {
    try {
      const { aws, client } = await connection();
      const command = new aws.GetSecretValueCommand({ SecretId: arn, VersionStage: stage });
      const { SecretString, VersionId } = await client.send(command);
      if (SecretString === undefined) throw new SecretError(`${arn} has a binary value. It must be text.`, 'not text');
      return { text: SecretString, version: VersionId };
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return null;
      throw cannot('read', arn, error);
    }
  };
  const textOf = async (stage: string) => (await get(stage))?.text ?? null;
  return {
    name: arn,
    read: async () => {
      const text = await textOf('AWSCURRENT');
      if (text === null) throw new SecretError(`${arn} does not exist or has no value.`, 'no value');
      return text;
    },
    readPending: () => textOf('AWSPENDING'),
    readIfSet: () => textOf('AWSCURRENT'),
    write: async (text, replaces) => {
      // Reads the previous version first. If another writer is faster, then either the current value differs, or both
      // writers have the same token.
      const previous = await get('AWSPREVIOUS');
      const current = await get('AWSCURRENT');
      if ((current?.text ?? null) !== replaces) throw changed(arn);
      // Two writers that replace the same version choose the same token. Secrets Manager accepts the first and refuses the
      // second. The token becomes the id of the new version. The previous version is part of it, so that a version that
      // became current again can be replaced again.
      const token = createHash('sha256').update(`${current?.version} ${previous?.version}`).digest('hex');
      try {
        const { aws, client } = await connection();
        await client.send(
          new aws.PutSecretValueCommand({ SecretId: arn, SecretString: text, ClientRequestToken: token }),
        );
      } catch (error) {
        if ((error as Error).name === 'ResourceExistsException') throw changed(arn);
        throw cannot('written', arn, error);
      }
    },
  };
}

function changed(name: string): SecretError {
  return new SecretError(`${name} was changed meanwhile. Check its value and try again.`, 'changed');
}

function cannot(verb: 'read' | 'written', name: string, error: unknown): SecretError {
  if (error instanceof SecretError) return error;
  const { code = (error as Error).name } = error as { code?: string };
  return new SecretError(`${name} cannot be ${verb} (${code}).`, code, { cause: error });
}
