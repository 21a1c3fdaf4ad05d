import type {
  DeletionId,
  DeviceId,
  EnrolmentCodeId,
  EventId,
  ImageId,
  OrgId,
  SessionId,
  SiteId,
  UploadId,
  UserId,
  VehicleId,
} from '@spinbay/contracts';
import { v7 } from 'uuid';

type AnyId =
  | DeletionId
  | DeviceId
  | EnrolmentCodeId
  | EventId
  | ImageId
  | OrgId
  | SessionId
  | SiteId
  | UploadId
  | UserId
  | VehicleId;

/** A new id: UUIDv7, so that keys of one time lie together in the indexes. */
export function newId<Id extends AnyId>(): Id {
  return v7() as Id;
}
