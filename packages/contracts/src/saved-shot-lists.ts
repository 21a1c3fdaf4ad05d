import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { ShotListId } from './ids.ts';
import { defineRoute } from './route.ts';
import { Stills } from './shot-list.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

/** The most shot lists that an organization may save. A device loads all of them. */
export const maxShotLists = 50;

export const ShotListName = lineOfText(100);

/** Increases with every change, so that two administrators do not overwrite each other's changes. */
const Version = z.int().min(1);

/** A shot list of stills that an organization made. A session gets a copy of its shots, which later changes do not touch. */
export const SavedShotList = z
  .object({
    id: ShotListId,
    name: ShotListName,
    shots: Stills,
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
  })
  .meta({ id: 'SavedShotList' });
export type SavedShotList = z.output<typeof SavedShotList>;

const params = z.object({ shot_list_id: ShotListId });
const fields = { name: ShotListName, shots: Stills };

export const savedShotListRoutes = {
  listShotLists: defineRoute({
    method: 'GET',
    path: '/shot-lists',
    summary: 'The shot lists of your organization, by name. Send the shots of one in POST /sessions to shoot it',
    access: everyone,
    replies: { 200: z.object({ items: z.array(SavedShotList) }).meta({ id: 'SavedShotListList' }) },
    errors: [],
  }),
  createShotList: defineRoute({
    method: 'POST',
    path: '/shot-lists',
    summary: 'Add a shot list for stills',
    access: admins,
    body: z.object(fields).meta({ id: 'CreateShotListBody' }),
    replies: { 201: SavedShotList },
    errors: ['shot_list_name_taken', 'shot_list_limit_reached'],
  }),
  replaceShotList: defineRoute({
    method: 'PUT',
    path: '/shot-lists/:shot_list_id',
    summary: 'Replace the name and the shots of a shot list; sessions keep the shots with which they were started',
    access: admins,
    params,
    body: z
      .object({ ...fields, version: Version.meta({ description: 'the `version` that you read and changed' }) })
      .meta({ id: 'ReplaceShotListBody' }),
    replies: { 200: SavedShotList },
    errors: ['shot_list_not_found', 'shot_list_name_taken', 'shot_list_changed'],
  }),
  deleteShotList: defineRoute({
    method: 'DELETE',
    path: '/shot-lists/:shot_list_id',
    summary: 'Delete a shot list; sessions keep the shots with which they were started',
    access: admins,
    params,
    replies: { 204: null },
    errors: ['shot_list_not_found'],
  }),
};
