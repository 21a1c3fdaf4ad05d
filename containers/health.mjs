// `node health.mjs URL [STATUS]`: exits with 0 if the URL answers with this status, 200 by default. The images have no other HTTP
// client.
const [url, status = '200'] = process.argv.slice(2);
const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
process.exit(answer?.status === Number(status) ? 0 : 1);
