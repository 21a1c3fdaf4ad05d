import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The output of a synth, which `npm run check:infra` runs before the tests. */
const folder = fileURLToPath(new URL('../cdk.out/', import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: templates are JSON, and each test reads other parts
type Json = any;

export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Json;
  readonly deletionPolicy: string | undefined;
}

export interface Synthesised {
  readonly resources: readonly Resource[];
  ofType(type: string): Resource[];
  /** The only resource of a type whose id begins with this text. */
  one(type: string, id?: string): Resource;
  /** A value of a template as text: references are `stack.LogicalId` or `stack.LogicalId.Attribute`. */
  text(stack: string, value: Json): string;
}

export const environments = ['dev', 'staging', 'prod'] as const;

export function synthesised(environment: (typeof environments)[number]): Synthesised {
  const files = readdirSync(`${folder}${environment}`).filter((file) => file.endsWith('.template.json'));
  const templates = files.map((file) => ({
    stack: file.replace('.template.json', '').replace(`spinbay-${environment}-`, ''),
    template: JSON.parse(readFileSync(`${folder}${environment}/${file}`, 'utf8')) as Json,
  }));
  const exported = new Map<string, { stack: string; value: Json }>();
  const resources: Resource[] = [];
  for (const { stack, template } of templates) {
    for (const { Export, Value } of Object.values<Json>(template.Outputs ?? {}))
      if (Export !== undefined) exported.set(Export.Name, { stack, value: Value });
    for (const [id, { Type, Properties, DeletionPolicy }] of Object.entries<Json>(template.Resources))
      resources.push({ stack, id, type: Type, properties: Properties ?? {}, deletionPolicy: DeletionPolicy });
  }
  const text = (stack: string, value: Json): string => {
    if (typeof value !== 'object') return String(value);
    if ('Ref' in value) return value.Ref.startsWith('AWS::') ? value.Ref : `${stack}.${value.Ref}`;
    if ('Fn::GetAtt' in value) return `${stack}.${value['Fn::GetAtt'].join('.')}`;
    if ('Fn::Join' in value)
      return value['Fn::Join'][1].map((part: Json) => text(stack, part)).join(value['Fn::Join'][0]);
    const source = exported.get(value['Fn::ImportValue']);
    if (source === undefined) throw new Error(`unknown template value: ${JSON.stringify(value)}`);
    return text(source.stack, source.value);
  };
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  return {
    resources,
    ofType,
    text,
    one: (type, id = '') => {
      const found = ofType(type).filter((resource) => resource.id.startsWith(id));
      const [only, ...more] = found;
      if (only === undefined || more.length > 0) throw new Error(`${found.length} of ${type} ${id}, not 1`);
      return only;
    },
  };
}
