export * from './log.ts';
export * from './service.ts';
export * from './settings.ts';
