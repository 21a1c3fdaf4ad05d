import { isBucketNameTaken, publicUrlsOf } from '@spinbay/local-gateway';
import { StackError } from './stack-error.ts';

interface Settings {
  readonly SPINBAY_API_PORT: number;
  readonly SPINBAY_PORTAL_PORT: number;
  readonly SPINBAY_CAPTURE_PORT: number;
  readonly SPINBAY_CLOUD_PORT: number;
  readonly SPINBAY_OIDC_PORT: number;
  readonly S3_BUCKET: string;
  readonly S3_ENDPOINT?: string | undefined;
  readonly OIDC_ISSUER?: string | undefined;
}

export interface Urls {
  readonly api: string;
  readonly portal: string;
  readonly capture: string;
  readonly objects: string;
  readonly oidc: string;
}

/**
 * The addresses of all services: local ones, and public ones for browsers and phones. Without a public address, both are
 * equal.
 * @throws StackError if the name of the bucket is the path of another service
 */
export function addressesOf(settings: Settings, publicUrl: string | undefined): { inside: Urls; outside: Urls } {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const inside = {
    api: at(settings.SPINBAY_API_PORT),
    portal: at(settings.SPINBAY_PORTAL_PORT),
    capture: at(settings.SPINBAY_CAPTURE_PORT),
    objects: settings.S3_ENDPOINT ?? at(settings.SPINBAY_CLOUD_PORT),
    oidc: settings.OIDC_ISSUER ?? at(settings.SPINBAY_OIDC_PORT),
  };
  if (publicUrl === undefined) return { inside, outside: inside };
  if (isBucketNameTaken(settings.S3_BUCKET))
    throw new StackError(
      `S3_BUCKET is "${settings.S3_BUCKET}", which is the path of another service under ${publicUrl}. Choose another name for the bucket.`,
    );
  const outside = publicUrlsOf(publicUrl);
  return { inside, outside: { ...outside, oidc: settings.OIDC_ISSUER ?? outside.oidc } };
}
