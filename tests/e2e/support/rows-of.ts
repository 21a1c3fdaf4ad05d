import pg from 'pg';
import type { Place } from './installation.ts';
import { secretsOf } from './secrets.ts';

/** Every row of every table, as text. */
export async function rowsOf(place: Place): Promise<Record<string, string[]>> {
  const rows: Record<string, string[]> = {};
  for (const database of ['spinbay', 'spinbay_cloud']) {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: Number(place.env.SPINBAY_PG_PORT),
      user: 'postgres',
      password: secretsOf(place).postgresPassword,
      database,
    });
    await client.connect();
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('public', 'local_cloud') order by 1`,
    );
    for (const { name } of tables.rows) {
      const found = await client.query<{ row: string }>(`select t::text as row from ${name} t order by 1`);
      rows[name] = found.rows.map(({ row }) => row);
    }
    await client.end();
  }
  return rows;
}
