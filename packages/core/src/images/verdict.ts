import { type RawBuilder, sql } from 'kysely';

/** `verdictOf` of the contracts for images `i`, in SQL. */
export const verdict: RawBuilder<'pass' | 'warn' | 'fail' | null> = sql`case
  when i.status in ('pending', 'expired') then null
  when i.status = 'failed' then 'fail'
  when i.qc is null then null
  when i.qc -> 'sharpness' ->> 'status' = 'fail' or i.qc -> 'exposure' ->> 'status' = 'fail' then 'fail'
  when i.qc -> 'sharpness' ->> 'status' = 'warn' then 'warn'
  else 'pass' end`;
