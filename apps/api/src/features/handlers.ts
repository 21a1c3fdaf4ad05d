import type { Handlers } from '../bind/handler.ts';
import { authDevice } from './auth/auth-device.ts';
import { authLogin } from './auth/auth-login.ts';
import { authLogout } from './auth/auth-logout.ts';
import { blockDevice } from './devices/block-device.ts';
import { createEnrolmentCode } from './devices/create-enrolment-code.ts';
import { listDevices } from './devices/list-devices.ts';
import { listEnrolmentCodes } from './devices/list-enrolment-codes.ts';
import { revokeDevice } from './devices/revoke-device.ts';
import { revokeEnrolmentCode } from './devices/revoke-enrolment-code.ts';
import { unblockDevice } from './devices/unblock-device.ts';
import { updateDevice } from './devices/update-device.ts';
import { createEvents } from './events/create-events.ts';
import { listEvents } from './events/list-events.ts';
import { confirmUpload } from './images/confirm-upload.ts';
import { getImage } from './images/get-image.ts';
import { getOriginal } from './images/get-original.ts';
import { listImages } from './images/list-images.ts';
import { presignImage } from './images/presign-image.ts';
import { presignImages } from './images/presign-images.ts';
import { publishImage } from './images/publish-image.ts';
import { publishSession } from './images/publish-session.ts';
import { unpublishImage } from './images/unpublish-image.ts';
import { unpublishSession } from './images/unpublish-session.ts';
import { acceptInvitation } from './invitations/accept-invitation.ts';
import { listInvitations } from './invitations/list-invitations.ts';
import { refuseInvitation } from './invitations/refuse-invitation.ts';
import { eraseOrganization } from './organization/erase-organization.ts';
import { getOrganization } from './organization/get-organization.ts';
import { updateOrganization } from './organization/update-organization.ts';
import { getPromise } from './promise/get-promise.ts';
import { getQcThresholds } from './quality/get-qc-thresholds.ts';
import { getRejudgement } from './quality/get-rejudgement.ts';
import { listQcFrames } from './quality/list-qc-frames.ts';
import { rejudgeFrames } from './quality/rejudge-frames.ts';
import { createSession } from './sessions/create-session.ts';
import { eraseSession } from './sessions/erase-session.ts';
import { getSession } from './sessions/get-session.ts';
import { listSessions } from './sessions/list-sessions.ts';
import { restoreSession } from './sessions/restore-session.ts';
import { updateSession } from './sessions/update-session.ts';
import { createShotList } from './shot-lists/create-shot-list.ts';
import { deleteShotList } from './shot-lists/delete-shot-list.ts';
import { listShotLists } from './shot-lists/list-shot-lists.ts';
import { replaceShotList } from './shot-lists/replace-shot-list.ts';
import { createSite } from './sites/create-site.ts';
import { listSites } from './sites/list-sites.ts';
import { updateSite } from './sites/update-site.ts';
import { createUser } from './users/create-user.ts';
import { eraseUser } from './users/erase-user.ts';
import { listUsers } from './users/list-users.ts';
import { updateUser } from './users/update-user.ts';
import { eraseVehicle } from './vehicles/erase-vehicle.ts';
import { restoreVehicle } from './vehicles/restore-vehicle.ts';
import { updateVehicle } from './vehicles/update-vehicle.ts';

export const handlers: Handlers = {
  blockDevice,
  unblockDevice,
  acceptInvitation,
  listInvitations,
  refuseInvitation,
  authDevice,
  authLogin,
  authLogout,
  confirmUpload,
  createEnrolmentCode,
  createEvents,
  createSession,
  getImage,
  getOriginal,
  getPromise,
  createShotList,
  createSite,
  deleteShotList,
  eraseOrganization,
  eraseSession,
  eraseUser,
  eraseVehicle,
  restoreSession,
  restoreVehicle,
  createUser,
  getOrganization,
  getQcThresholds,
  getRejudgement,
  getSession,
  listDevices,
  listEnrolmentCodes,
  listEvents,
  listImages,
  listQcFrames,
  listSessions,
  listShotLists,
  listSites,
  listUsers,
  presignImage,
  presignImages,
  publishImage,
  rejudgeFrames,
  replaceShotList,
  revokeDevice,
  revokeEnrolmentCode,
  updateDevice,
  updateOrganization,
  publishSession,
  unpublishImage,
  unpublishSession,
  updateSession,
  updateSite,
  updateUser,
  updateVehicle,
};
