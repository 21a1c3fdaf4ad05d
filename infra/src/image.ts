import { fileURLToPath } from 'node:url';
import { IgnoreMode } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { Environment } from './environment.ts';

/** The root of the repository, from which images are built. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A target of containers/Dockerfile. */
export type ImageTarget = 'api' | 'worker' | 'worker-lambda' | 'migrate';

/** A deployment builds and pushes the image. .dockerignore limits the files that it depends on. */
export function imageOf(target: ImageTarget, { cpuArchitecture }: Environment) {
  return {
    directory: root,
    options: {
      file: 'containers/Dockerfile',
      target,
      platform: cpuArchitecture === 'ARM64' ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
      ignoreMode: IgnoreMode.DOCKER,
    },
  };
}
