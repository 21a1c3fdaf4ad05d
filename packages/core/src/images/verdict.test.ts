import { ExposureStatus, ImageStatus, type Qc, SharpnessStatus, verdictOf } from '@spinbay/contracts';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../store/org-tx.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { verdict } from './verdict.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

test('the database and the contracts give the same verdict for every frame', async () => {
  const measurements = SharpnessStatus.options.flatMap((sharpness) =>
    ExposureStatus.options.flatMap((exposure) =>
      [undefined, ...SharpnessStatus.options].flatMap((size) =>
        [undefined, ...SharpnessStatus.options, 'odd' as 'warn'].map(
          (damage): Qc => ({
            sharpness: { score: 200, status: sharpness },
            exposure: { status: exposure, clipped_white: 0, clipped_black: 0, mean_luma: 128 },
            ...(size && { size: { status: size, width: 160, height: 120 } }),
            ...(damage && { damage: { status: damage, faults: 1 } }),
          }),
        ),
      ),
    ),
  );
  for (const status of ImageStatus.options) {
    for (const qc of [null, ...measurements]) {
      const question = sql`select ${verdict} as verdict
        from (select ${status}::text as status, ${JSON.stringify(qc)}::jsonb as qc) i`.compile(build);
      // A frame without measurements has SQL's null there, not JSON's.
      const parameters = question.parameters.map((value) => (value === 'null' ? null : value));
      const { rows } = await database.admin.query(question.sql, parameters as unknown[]);
      expect({ status, qc, verdict: rows[0].verdict }).toEqual({ status, qc, verdict: verdictOf({ status, qc }) });
    }
  }
});
