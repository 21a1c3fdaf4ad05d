export * from './database-password.ts';
export * from './log.ts';
export * from './metrics-access.ts';
export * from './run-app-server.ts';
export * from './secret-source.ts';
export * from './serve-app.ts';
export * from './server-limits.ts';
export * from './service.ts';
export {
  environmentOf,
  objectStore,
  objectsOptionsOf,
  objectsOriginOf,
  qcThresholdsOf,
  qualityControl,
  readServiceSettings,
} from './services.ts';
export * from './settings.ts';
export * from './tracing/open-tracing.ts';
export * from './tracing/tracing.ts';
