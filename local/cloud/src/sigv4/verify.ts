import {
  algorithm,
  canonicalRequest,
  hmac,
  type Scope,
  sameHex,
  signingKey,
  stringToSign,
  type WireRequest,
} from './canonical.ts';

export type SignatureFault =
  | 'AccessDenied'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryParametersError'
  | 'InvalidAccessKeyId'
  | 'InvalidArgument'
  | 'InvalidRequest'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch';

export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: SignatureFault;

  constructor(code: SignatureFault, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Verified {
  /** `header`: the client has the secret key. `query`: the client has a presigned URL. */
  readonly in: 'header' | 'query';
  /** In lower case. */
  readonly signedHeaders: readonly string[];
  readonly accessKeyId: string;
  /** The payload hash as in S3: hex, UNSIGNED-PAYLOAD or STREAMING-... */
  readonly payload: string;
}

export interface VerifyOptions {
  readonly service: 's3' | 'sqs';
  readonly region: string;
  readonly secretOf: (accessKeyId: string) => string | undefined;
  /** The hash of the body, for a client that signs it but does not send it. Replaces the payload hash of the request. */
  readonly bodyHash?: string;
}

const allowedSkewMs = 15 * 60_000;
/** Seven days in seconds: S3's maximum validity of a presigned URL. */
const maxExpiry = 604_800;

interface Claim {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payload: string;
}

/**
 * Verifies the signature of a request in its Authorization header or query.
 * @throws SignatureError with S3's code and a message that says what to correct
 */
export function verifySignature(request: WireRequest, options: VerifyOptions): Verified {
  const inHeader = request.headers.has('authorization');
  const inQuery = request.query.some(([name]) => name === 'X-Amz-Algorithm' || name === 'X-Amz-Signature');
  if (inHeader && inQuery) {
    throw new SignatureError('InvalidArgument', 'Sign in the Authorization header or in the query, not in both.');
  }
  if (!inHeader && !inQuery) {
    throw new SignatureError('AccessDenied', 'The request is not signed. Sign it with AWS Signature Version 4.');
  }
  const claim = inHeader ? readHeader(request, options) : readQuery(request);
  checkScope(claim.scope, claim.timestamp, options, inHeader);
  checkSignedHeaders(request, claim.signedHeaders);

  const secret = options.secretOf(claim.accessKeyId);
  if (secret === undefined) throw new SignatureError('InvalidAccessKeyId', 'The access key id does not exist.');
  const key = signingKey(secret, claim.scope);
  const canonical = canonicalRequest(request, claim.signedHeaders, options.bodyHash ?? claim.payload);
  const expected = hmac(key, stringToSign(claim.timestamp, claim.scope, canonical)).toString('hex');
  if (!sameHex(claim.signature, expected)) {
    throw new SignatureError(
      'SignatureDoesNotMatch',
      'The signature does not match this request. Check the secret key, and that method, path, query and signed headers are sent as signed.',
    );
  }
  // Checked after the signature, because an unverified date cannot be trusted.
  if (inHeader) checkSkew(claim.timestamp);
  else checkExpiry(request, claim.timestamp);
  const { accessKeyId, payload, signedHeaders } = claim;
  return { accessKeyId, payload, signedHeaders, in: inHeader ? 'header' : 'query' };
}

function readHeader(request: WireRequest, options: VerifyOptions): Claim {
  const malformed = (what: string) =>
    new SignatureError('AuthorizationHeaderMalformed', `The Authorization header ${what}.`);
  const header = single(request, 'authorization') ?? '';
  if (!header.startsWith(`${algorithm} `)) throw malformed(`must begin with ${algorithm}`);
  const fields = new Map(
    header
      .slice(algorithm.length + 1)
      .split(',')
      .map((field) => {
        const at = field.indexOf('=');
        return [field.slice(0, at).trim(), field.slice(at + 1).trim()] as const;
      }),
  );
  const timestamp = single(request, 'x-amz-date');
  if (!timestamp || !/^\d{8}T\d{6}Z$/.test(timestamp)) {
    throw new SignatureError('AccessDenied', 'A signed request needs a valid x-amz-date header (YYYYMMDDTHHMMSSZ).');
  }
  const payload = single(request, 'x-amz-content-sha256');
  if (payload === undefined && options.bodyHash === undefined) {
    throw new SignatureError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  const credential = readCredential(fields.get('Credential'));
  if (!credential) throw malformed('needs Credential=<access key>/<YYYYMMDD>/<region>/<service>/aws4_request');
  const signature = fields.get('Signature') ?? '';
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';');
  if (!/^[0-9a-f]{64}$/.test(signature)) throw malformed('needs Signature=<64 hex digits>');
  return { ...credential, timestamp, signedHeaders, signature, payload: payload ?? '' };
}

function readQuery(request: WireRequest): Claim {
  const malformed = (what: string) => new SignatureError('AuthorizationQueryParametersError', what);
  const parameter = (name: string): string => {
    const values = request.query.filter(([given]) => given === name);
    if (values.length !== 1) throw malformed(`A presigned URL needs ${name} exactly once.`);
    return values[0]?.[1] ?? '';
  };
  if (parameter('X-Amz-Algorithm') !== algorithm) throw malformed(`X-Amz-Algorithm must be ${algorithm}.`);
  const credential = readCredential(parameter('X-Amz-Credential'));
  if (!credential) throw malformed('X-Amz-Credential must be <access key>/<YYYYMMDD>/<region>/<service>/aws4_request.');
  const timestamp = parameter('X-Amz-Date');
  if (!/^\d{8}T\d{6}Z$/.test(timestamp)) throw malformed('X-Amz-Date must be YYYYMMDDTHHMMSSZ.');
  const signature = parameter('X-Amz-Signature');
  if (!/^[0-9a-f]{64}$/.test(signature)) throw malformed('X-Amz-Signature must be 64 hex digits.');
  const expires = parameter('X-Amz-Expires');
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > maxExpiry) {
    throw malformed(`X-Amz-Expires must be from 1 to ${maxExpiry} seconds.`);
  }
  const signedHeaders = parameter('X-Amz-SignedHeaders').split(';');
  const inQuery = request.query.find(([name]) => name === 'X-Amz-Content-Sha256')?.[1];
  const payload = single(request, 'x-amz-content-sha256') ?? inQuery ?? 'UNSIGNED-PAYLOAD';
  return { ...credential, timestamp, signedHeaders, signature, payload };
}

function readCredential(text: string | undefined): { accessKeyId: string; scope: Scope } | undefined {
  const match = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(text ?? '');
  const [, accessKeyId, date, region, service] = match ?? [];
  if (!accessKeyId || !date || !region || !service) return undefined;
  return { accessKeyId, scope: { date, region, service } };
}

function checkScope(scope: Scope, timestamp: string, options: VerifyOptions, inHeader: boolean): void {
  const code = inHeader ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError';
  if (scope.region !== options.region) {
    throw new SignatureError(code, `The region '${scope.region}' is wrong; expecting '${options.region}'`);
  }
  if (scope.service !== options.service) {
    throw new SignatureError(code, `The service '${scope.service}' is wrong; expecting '${options.service}'`);
  }
  if (!timestamp.startsWith(scope.date)) {
    throw new SignatureError(code, 'The date of the credential does not match that of the request.');
  }
}

/** The holder of a presigned URL must not be able to add headers that S3 acts upon. */
function checkSignedHeaders(request: WireRequest, signedHeaders: readonly string[]): void {
  if (!signedHeaders.includes('host')) {
    throw new SignatureError('AccessDenied', 'The Host header must be among the signed headers.');
  }
  const unsigned = [...request.headers.keys()].filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    throw new SignatureError(
      'AccessDenied',
      `There were headers present in the request which were not signed: ${unsigned.join(', ')}`,
    );
  }
}

function checkSkew(timestamp: string): void {
  if (Math.abs(Date.now() - toMillis(timestamp)) <= allowedSkewMs) return;
  throw new SignatureError(
    'RequestTimeTooSkewed',
    "The difference between the request time and the server's time is too large. Set this device's clock.",
  );
}

function checkExpiry(request: WireRequest, timestamp: string): void {
  const seconds = Number(request.query.find(([name]) => name === 'X-Amz-Expires')?.[1]);
  const signedAt = toMillis(timestamp);
  if (signedAt - Date.now() > allowedSkewMs) throw new SignatureError('AccessDenied', 'Request is not yet valid');
  if (signedAt + seconds * 1000 < Date.now()) throw new SignatureError('AccessDenied', 'Request has expired');
}

function toMillis(timestamp: string): number {
  return Date.parse(timestamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function single(request: WireRequest, name: string): string | undefined {
  return request.headers.get(name)?.[0];
}
