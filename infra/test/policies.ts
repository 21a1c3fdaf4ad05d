import type { Synthesised } from './templates.ts';

export type Role = 'api' | 'worker' | 'eraser' | 'migrate';

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The permissions of the roles of Spinbay's processes, by stack. */
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
  const roles = {
    api: statementsOf('api'),
    worker: statementsOf('worker'),
    eraser: statementsOf('eraser'),
    migrate: statementsOf('migrate'),
  };
  for (const [role, statements] of Object.entries(roles))
    if (statements.length === 0) throw new Error(`the role ${role} has no policy`);
  return roles;
}

/** Decides like IAM: a denial wins, and the default is denial. Ignores conditions. */
export function isAllowed(statements: readonly Statement[], action: string, resource: string): boolean {
  const matching = statements.filter(
    ({ actions, resources }) =>
      actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      resources.some((pattern) => matches(pattern, resource)),
  );
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

/** `*` matches any text, `?` one character. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
