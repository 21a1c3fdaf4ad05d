export * from './client.ts';
export * from './upload.ts';
