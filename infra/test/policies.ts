import type { Synthesised } from './templates.ts';

export type Role = 'api' | 'worker' | 'migrate';

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** What the roles of our own processes may do, by the stack that has each. */
export function rolesOf(aws: Synthesised): Readonly<Record<Role, readonly Statement[]>> {
  const statementsOf = (stack: Role): Statement[] =>
    aws
      .ofType('AWS::IAM::Policy')
      .filter((policy) => policy.stack === stack && policy.id.startsWith('RoleDefaultPolicy'))
      .flatMap(({ properties }) =>
        properties.PolicyDocument.Statement.map((statement: Record<string, unknown>) => ({
          effect: statement.Effect,
          actions: [statement.Action].flat(),
          resources: [statement.Resource].flat().map((resource) => aws.text(stack, resource)),
        })),
      );
  const roles = { api: statementsOf('api'), worker: statementsOf('worker'), migrate: statementsOf('migrate') };
  for (const [role, statements] of Object.entries(roles))
    if (statements.length === 0) throw new Error(`the role of ${role} has no policy`);
  return roles;
}

/** As IAM decides: a denial wins, and what is not allowed is denied. Conditions are not looked at. */
export function isAllowed(statements: readonly Statement[], action: string, resource: string): boolean {
  const matching = statements.filter(
    ({ actions, resources }) =>
      actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matches(pattern, resource)),
  );
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

/** `*` stands for any text, `?` for one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
