export { startGateway } from './gateway.ts';
export { authorityPath, certificateFiles, isBucketNameTaken, publicUrlsOf } from './layout.ts';
