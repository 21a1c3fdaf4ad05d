import type {
  DeletionId,
  DeviceId,
  EnrolmentCodeId,
  EventId,
  ImageId,
  OrgId,
  SessionId,
  ShotListId,
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
  | ShotListId
  | SiteId
  | UploadId
  | UserId
  | VehicleId;

/** A new id: a UUIDv7, so that ids of the same time are close together in indexes. */
export function newId<Id extends AnyId>(): Id {
  return v7() as Id;
}
