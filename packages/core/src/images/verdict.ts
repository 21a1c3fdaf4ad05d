import { type RawBuilder, sql } from 'kysely';

/** Null for parts that were not measured: `in` then finds nothing. */
const statuses = sql`i.qc -> 'sharpness' ->> 'status', i.qc -> 'exposure' ->> 'status', i.qc -> 'size' ->> 'status',
    i.qc -> 'damage' ->> 'status'`;

/** `verdictOf` of the contracts for images `i`, in SQL. */
export const verdict: RawBuilder<'pass' | 'warn' | 'fail' | null> = sql`case
  when i.status in ('pending', 'expired') then null
  when i.status = 'failed' then 'fail'
  when i.qc is null then null
  when 'fail' in (${statuses}) then 'fail'
  when 'warn' in (${statuses}) then 'warn'
  else 'pass' end`;
