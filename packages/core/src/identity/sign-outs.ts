import { tokenLifetime, type UserId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

/** The token of the request. */
export interface UserToken {
  readonly id: UserId;
  readonly tokenId?: string | undefined;
}

/**
 * Ends the token of the request, or all tokens of the person: a token without an id can only end together with all others.
 * The next request with an ended token is refused. The audit log says whether one token ended or all of them.
 */
export async function endTokens(tx: OrgTx, caller: UserToken, { everywhere }: { everywhere: boolean }): Promise<void> {
  const { id: userId, tokenId } = caller;
  const type = everywhere || tokenId === undefined ? 'user.signed_out_everywhere' : 'user.signed_out';
  // Two requests may end the same token at once. It ends once.
  const hasEnded = tokenId === undefined || everywhere ? await endAll(tx, userId) : await endOne(tx, userId, tokenId);
  await tx.run(
    build.deleteFrom('ended_tokens').where(tx.ofOrg('ended_tokens')).where('expires_at', '<', sql<Date>`now()`),
  );
  if (!hasEnded) return;
  await recordEvent(tx, { entityType: 'user', entityId: userId, type, actor: { type: 'user', id: userId } });
}

async function endAll(tx: OrgTx, userId: UserId): Promise<boolean> {
  const rows = await tx.run(
    build
      .updateTable('users')
      .set({ token_generation: sql<number>`token_generation + 1` })
      .where(tx.ofOrg('users'))
      .where('id', '=', userId)
      .returning('id'),
  );
  return rows.length > 0;
}

/** @returns false if the token had already ended */
async function endOne(tx: OrgTx, userId: UserId, tokenId: string): Promise<boolean> {
  const rows = await tx.run(
    build
      .insertInto('ended_tokens')
      .values({
        org_id: tx.orgId,
        user_id: userId,
        token_id: tokenId,
        expires_at: sql<Date>`now() + make_interval(secs => ${tokenLifetime.user})`,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('token_id'),
  );
  return rows.length > 0;
}

/** The identity token of a sign-in. */
export interface ProvenIdToken {
  /** Hex. */
  readonly tokenSha256: string;
  /** After this time the token is refused because of its age. */
  readonly expiresAt: Date;
}

/** Records that an identity token was exchanged. @returns false if it was exchanged before, in any organization */
export async function exchangeIdToken(tx: OrgTx, userId: UserId, token: ProvenIdToken): Promise<boolean> {
  await tx.run(
    build
      .deleteFrom('exchanged_id_tokens')
      .where(tx.ofOrg('exchanged_id_tokens'))
      .where('expires_at', '<', sql<Date>`now() - interval '1 minute'`),
  );
  const rows = await tx.run(
    build
      .insertInto('exchanged_id_tokens')
      .values({ org_id: tx.orgId, user_id: userId, token_sha256: token.tokenSha256, expires_at: token.expiresAt })
      .onConflict((conflict) => conflict.doNothing())
      .returning('token_sha256'),
  );
  return rows.length > 0;
}
