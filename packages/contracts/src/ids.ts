import { z } from 'zod';

/**
 * Every id is a lower-case UUID, and every kind of id has its own type: passing a `SiteId` as a `SessionId` does not
 * compile, on the server, in the client and in the store.
 */
function id<Kind extends string>(kind: Kind) {
  return z
    .uuid()
    .toLowerCase()
    .meta({ description: `${kind} (UUID)` })
    .brand<Kind, 'inout'>();
}

export const SiteId = id('SiteId');
export const UserId = id('UserId');
export const DeviceId = id('DeviceId');
export const EnrolmentCodeId = id('EnrolmentCodeId');
export const VehicleId = id('VehicleId');
export const SessionId = id('SessionId');
export const ShotListId = id('ShotListId');
export const SlotId = id('SlotId');
export const ImageId = id('ImageId');
export const UploadId = id('UploadId');
export const EventId = id('EventId');
export const DeletionId = id('DeletionId');

export type SiteId = z.output<typeof SiteId>;
export type UserId = z.output<typeof UserId>;
export type DeviceId = z.output<typeof DeviceId>;
export type EnrolmentCodeId = z.output<typeof EnrolmentCodeId>;
export type VehicleId = z.output<typeof VehicleId>;
export type SessionId = z.output<typeof SessionId>;
export type ShotListId = z.output<typeof ShotListId>;
export type SlotId = z.output<typeof SlotId>;
export type ImageId = z.output<typeof ImageId>;
export type UploadId = z.output<typeof UploadId>;
export type EventId = z.output<typeof EventId>;
export type DeletionId = z.output<typeof DeletionId>;

/**
 * The key to a tenant's data. No route accepts one from a body. In the API and the worker, only three places create one:
 * the token verifier (`claims.ts`), the parser of storage keys (`storage-key.ts`), and the store, when it enrols or
 * refreshes a device, looks up the organizations of a verified email address, or lists organizations or work that is due.
 */
export const OrgId = id('OrgId');
export type OrgId = z.output<typeof OrgId>;
