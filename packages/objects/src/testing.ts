export { checkStore, type Finding, type StoreToCheck } from './testing/check-store.ts';
