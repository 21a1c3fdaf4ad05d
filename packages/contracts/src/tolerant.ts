import { z } from 'zod';

/**
 * The same schema, relaxed for replies from servers of other releases (docs/compatibility.md). Unknown enum values pass as
 * strings. Limits of numbers, lengths and patterns are not checked. A nullable field that an older server does not send
 * becomes null. Types of values, ids and times are still checked.
 */
export function tolerant(type: z.ZodType): z.ZodType {
  if (type instanceof z.ZodEnum || type instanceof z.ZodLiteral) return anyOfItsTypes(type);
  if (type instanceof z.ZodString) return z.string();
  if (type instanceof z.ZodISODateTime) return z.iso.datetime({ offset: true });
  if (type instanceof z.ZodNumber) return z.number();
  if (type instanceof z.ZodObject) {
    const fields = Object.entries(type.shape).map(([key, field]) => [key, tolerant(field as z.ZodType)]);
    return z.object(Object.fromEntries(fields));
  }
  if (type instanceof z.ZodArray) return z.array(tolerant(type.element as z.ZodType));
  if (type instanceof z.ZodRecord) return z.record(z.string(), tolerant(type.valueType as z.ZodType));
  if (type instanceof z.ZodUnion) return z.union(type.options.map((option) => tolerant(option as z.ZodType)));
  if (type instanceof z.ZodNullable) return z.nullable(tolerant(type.unwrap() as z.ZodType)).default(null);
  if (type instanceof z.ZodOptional) return tolerantOptional(type.unwrap() as z.ZodType);
  return type;
}

/** An optional field stays optional. */
function tolerantOptional(inner: z.ZodType): z.ZodType {
  if (inner instanceof z.ZodNullable) return z.nullish(tolerant(inner.unwrap() as z.ZodType));
  return z.optional(tolerant(inner));
}

function anyOfItsTypes(type: z.ZodEnum | z.ZodLiteral): z.ZodType {
  const values = type instanceof z.ZodEnum ? type.options : [...type.values];
  return values.every((value) => typeof value === 'string') ? z.string() : type;
}
