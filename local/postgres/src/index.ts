export { type BackupOptions, backUpCluster, type ClusterFile } from './backup.ts';
export { removeCluster } from './cluster.ts';
export { PostgresError, type PostgresErrorCode } from './postgres-error.ts';
export { type RestoringCluster, restoreCluster } from './restore.ts';
export type { StopMode } from './server.ts';
export { type Log, type PostgresOptions, type RunningPostgres, startPostgres } from './start.ts';
