import type { Bucket, CorsRule } from '../store/buckets.ts';

/**
 * The headers that let a page of `origin` read the reply, from the first matching rule of the bucket. Undefined if no rule
 * matches.
 */
export function corsHeaders(
  bucket: Bucket | undefined,
  origin: string,
  method: string,
  wantedHeaders: readonly string[],
): Record<string, string> | undefined {
  const rule = bucket?.cors.find((candidate) => fits(candidate, origin, method, wantedHeaders));
  if (!rule) return undefined;
  const anyOrigin = rule.origins.includes('*');
  return {
    'access-control-allow-origin': anyOrigin ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(anyOrigin ? {} : { 'access-control-allow-credentials': 'true' }),
    ...(wantedHeaders.length > 0 ? { 'access-control-allow-headers': wantedHeaders.join(', ') } : {}),
    ...(rule.expose.length > 0 ? { 'access-control-expose-headers': rule.expose.join(', ') } : {}),
    ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

function fits(rule: CorsRule, origin: string, method: string, wantedHeaders: readonly string[]): boolean {
  return (
    rule.methods.includes(method) &&
    rule.origins.some((pattern) => matchesPattern(pattern, origin)) &&
    wantedHeaders.every((name) =>
      rule.headers.some((pattern) => matchesPattern(pattern.toLowerCase(), name.toLowerCase())),
    )
  );
}

/** A pattern has at most one `*`, which matches any text. */
function matchesPattern(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after);
}
