import { type RawBuilder, sql } from 'kysely';

/** Null for parts that were not measured. In SQL, null neither equals nor differs from a status. */
const statuses = sql`i.qc -> 'sharpness' ->> 'status', i.qc -> 'exposure' ->> 'status', i.qc -> 'size' ->> 'status',
    i.qc -> 'damage' ->> 'status'`;

/** `verdictOf` of the contracts for images `i`, in SQL. */
export const verdict: RawBuilder<'pass' | 'warn' | 'fail' | null> = sql`case
  when i.status = 'failed' then 'fail'
  when i.status not in ('processed', 'published') or i.qc is null then null
  when 'fail' in (${statuses}) then 'fail'
  when exists (select from unnest(array[${statuses}]) part where part <> 'pass') then 'warn'
  else 'pass' end`;
