import { fileURLToPath } from 'node:url';

/** The build copies the migrations beside the bundle. */
export const migrationsDir = fileURLToPath(new URL('./migrations/', import.meta.url));
