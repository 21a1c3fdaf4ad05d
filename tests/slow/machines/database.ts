// Runs on the machine of the database: a throw-away PostgreSQL that other machines can reach. Prints the URL with which
// they connect as the superuser. Argument: the address of the machine.
import { appendFile } from 'node:fs/promises';
import { startTestPostgres } from '@spinbay/local-postgres/testing';
import pg from 'pg';

const [address = ''] = process.argv.slice(2);
// Keeps this process running. The server alone does not.
setInterval(() => undefined, 60_000);
const postgres = await startTestPostgres();
const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
await client.query(`alter system set listen_addresses = '*'`);
const { rows } = await client.query<{ hba_file: string }>('show hba_file');
await client.end();
await appendFile(rows[0]?.hba_file ?? '', 'host all all 198.18.0.0/15 scram-sha-256\n');
await postgres.kill();
await postgres.restart();
const url = new URL(postgres.url);
url.hostname = address;
console.log(url.href);
process.on('SIGTERM', () => {
  void postgres.stop().then(() => process.exit());
});
