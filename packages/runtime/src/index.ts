export * from './database-password.ts';
export * from './log.ts';
export * from './metrics-access.ts';
export * from './secret-source.ts';
export * from './serve-app.ts';
export * from './service.ts';
export { environmentOf, objectsOriginOf, qcThresholdsOf, qualityControl, readServiceSettings } from './services.ts';
export * from './settings.ts';
