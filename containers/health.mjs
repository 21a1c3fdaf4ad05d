// `node health.mjs URL`: exits with 0 if the URL answers with success. The images have no other HTTP client.
const answered = await fetch(process.argv[2], { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
process.exit(answered?.ok ? 0 : 1);
