import { ApiError, ConnectionError, UploadRefused } from '@spinbay/client';
import { expect, test } from 'vitest';
import { StorageFull } from '../ports.ts';
import type { Cause } from '../types.ts';
import { NoProgress, problemOf, type Service } from './faults.ts';

const problem = (code: string) => new ApiError({ type: 'about:blank', title: 'No.', status: 409, code }, null);
const refusal = (code: string) => new UploadRefused(400, `<Error><Code>${code}</Code></Error>`);

test.each<[Error, Service, Cause | null]>([
  [problem('image_conflict'), 'api', 'image_conflict'],
  [problem('a_code_of_a_later_release'), 'api', null],
  [new ConnectionError('no answer'), 'api', 'server_silent'],
  [new ConnectionError('no answer'), 'store', 'store_silent'],
  [refusal('InsufficientStorage'), 'store', 'store_full'],
  [refusal('NoSuchBucket'), 'store', 'store_missing'],
  [refusal('RequestTimeTooSkewed'), 'store', 'clock_differs'],
  [refusal('BadDigest'), 'store', 'file_changed'],
  [refusal('toString'), 'store', 'store_refused'],
  [new NoProgress('no progress'), 'store', 'no_progress'],
  [new StorageFull('full'), 'api', 'device_full'],
  [new TypeError('x is undefined'), 'api', null],
])('%s of the service "%s" has the cause %s', (error, service, cause) => {
  expect(problemOf(error, service)).toEqual({ message: error.message, cause });
});
