export { previewLongSide } from './core/link-speed.ts';
export type { EventRow, PhotoRow, Row, SessionRow, SettingsRow } from './core/rows.ts';
export { type StoredRow, upgradeRow } from './core/upgrade.ts';
export * from './ports.ts';
export { openOutbox } from './runner/open-outbox.ts';
export { systemClock } from './runner/system-clock.ts';
export * from './types.ts';
