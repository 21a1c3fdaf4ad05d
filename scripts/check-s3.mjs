// `npm run check:s3 -- [--create] [--spin]`: makes every call that Spinbay makes to the object store of S3_ENDPOINT,
// S3_BUCKET, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_TAGS, and prints a line for each. Exits with 1 if a
// needed call fails. `--create` first creates the bucket and its CORS rules. `--spin` then sends a spin through an
// installation that uses the store.
import { runBundle } from './run-bundle.mjs';

await runBundle('tests/s3-store/main.ts');
