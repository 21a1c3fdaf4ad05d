export * from './client.ts';
export { startDeadline } from './deadline.ts';
export * from './upload.ts';
