export { removeCluster } from './cluster.ts';
export { PostgresError, type PostgresErrorCode } from './postgres-error.ts';
export type { StopMode } from './server.ts';
export { type Log, type PostgresOptions, type RunningPostgres, startPostgres } from './start.ts';
