export type { Erasure } from './deletions/deletion.ts';
export type { DeletionKind } from './deletions/deletion-kind.ts';
export * from './deletions/erase-organization.ts';
export * from './deletions/erase-session.ts';
export * from './deletions/erase-user.ts';
export * from './deletions/erase-vehicle.ts';
export * from './deletions/find-existing.ts';
export { claimLatePhoto, finishLatePhoto, listLatePhotos } from './deletions/late-photos.ts';
export {
  claimDeletion,
  type DueDeletion,
  eraseRows,
  finishDeletion,
  listDueDeletions,
  renewClaim,
} from './deletions/work-deletions.ts';
export * from './events/expire-events.ts';
export * from './events/list-audit-events.ts';
export * from './events/record-event.ts';
export * from './events/report-events.ts';
export * from './identity/administer-devices.ts';
export * from './identity/administer-users.ts';
export * from './identity/devices.ts';
export * from './identity/enrolment-codes.ts';
export * from './identity/invitations.ts';
export * from './identity/sign-outs.ts';
export * from './identity/users.ts';
export { type Completion, completeImage } from './images/complete-image.ts';
export type { ImageOutcome } from './images/image-outcome.ts';
export type { ImageRow } from './images/image-row.ts';
export * from './images/list-images.ts';
export { otherGrids } from './images/other-grids.ts';
export * from './images/publish-images.ts';
export * from './images/reserve-images.ts';
export * from './images/unpublish-session.ts';
export * from './migrate/ensure-app-role.ts';
export * from './migrate/inspect-database.ts';
export * from './migrate/migrate.ts';
export * from './organizations/create-organization.ts';
export * from './organizations/list-organizations.ts';
export { getOrganization, keepsGps, type OrganizationRow, updateOrganization } from './organizations/organization.ts';
export { getUsage, type Quotas, setQuotas, type Usage } from './organizations/quotas.ts';
export * from './outbox/prune-changes.ts';
export * from './outbox/read-changes.ts';
export * from './promise/read-promise.ts';
export * from './promise/take-promise-results.ts';
export * from './quality/list-qc-frames.ts';
export * from './quality/read-qc-choice.ts';
export * from './quality/rejudge-frames.ts';
export * from './quality/rejudgement.ts';
export type { NewRendition } from './renditions/record-renditions.ts';
export * from './sessions/list-sessions.ts';
export type { SessionRow } from './sessions/session-row.ts';
export * from './sessions/sessions.ts';
export * from './shot-lists/change-shot-lists.ts';
export * from './shot-lists/list-shot-lists.ts';
export * from './sites/change-sites.ts';
export * from './sites/list-sites.ts';
export { CallerRefused, StoreBusy, StoreUnavailable } from './store/faults.ts';
export type { OrgTx, SiteScope } from './store/org-tx.ts';
export { storeIsReady } from './store/readiness.ts';
export { createStore, type OrgStore, type Store, type StoreOptions } from './store/store.ts';
export * from './uploads/claim-unfinished-uploads.ts';
export * from './uploads/confirm-upload.ts';
export * from './uploads/expire-upload.ts';
export * from './uploads/give-up-upload.ts';
export * from './uploads/stored-upload.ts';
export { updateVehicle, type VehicleRow } from './vehicles/update-vehicle.ts';
