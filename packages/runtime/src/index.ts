export * from './log.ts';
export * from './metrics-access.ts';
export * from './service.ts';
export * from './settings.ts';
