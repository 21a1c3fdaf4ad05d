/** The result of `readSettings`. A service that the settings do not place elsewhere runs locally. */
export interface StackSettings {
  readonly SPINBAY_DATA_DIR: string;
  readonly SPINBAY_HOST: string;
  readonly SPINBAY_API_PORT: number;
  readonly SPINBAY_PORTAL_PORT: number;
  readonly SPINBAY_CAPTURE_PORT: number;
  readonly SPINBAY_CLOUD_PORT: number;
  readonly SPINBAY_OIDC_PORT: number;
  readonly SPINBAY_PG_PORT: number;
  readonly SPINBAY_LAN_PORT: number;
  readonly SPINBAY_LAN_ADDRESS?: string | undefined;
  readonly SPINBAY_PUBLIC_URL?: string | undefined;
  readonly SPINBAY_TRUSTED_PROXIES: readonly string[];
  readonly SPINBAY_DEMO?: 'on' | 'off' | undefined;
  readonly WORKER_DELETIONS: 'on' | 'off';
  readonly S3_BUCKET: string;
  readonly AWS_REGION: string;
  readonly OIDC_CLIENT_ID: string;
  readonly DATABASE_URL?: string | undefined;
  readonly S3_ENDPOINT?: string | undefined;
  readonly S3_REGION?: string | undefined;
  readonly S3_ACCESS_KEY_ID?: string | undefined;
  readonly S3_PUBLIC_ENDPOINT?: string | undefined;
  readonly SQS_ENDPOINT?: string | undefined;
  readonly SQS_QUEUE_URL?: string | undefined;
  readonly OIDC_ISSUER?: string | undefined;
}
