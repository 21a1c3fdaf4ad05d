import { maxShotLists, type ShotListId, type Stills } from '@spinbay/contracts';
import { build, type OrgTx } from '../store/org-tx.ts';

export const shotListColumns = ['id', 'name', 'shots', 'version', 'created_at', 'updated_at'] as const;

export interface ShotListRow {
  readonly id: ShotListId;
  readonly name: string;
  readonly shots: Stills;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** All saved shot lists of the organization, by name. */
export function listShotLists(tx: OrgTx): Promise<ShotListRow[]> {
  return tx.run(
    build
      .selectFrom('shot_lists')
      .select(shotListColumns)
      .where(tx.ofOrg('shot_lists'))
      .orderBy('name')
      .limit(maxShotLists),
  );
}
