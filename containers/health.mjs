// `node health.mjs URL`: exit status 0 when it answers well. The images have no other client.
const answered = await fetch(process.argv[2], { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
process.exit(answered?.ok ? 0 : 1);
