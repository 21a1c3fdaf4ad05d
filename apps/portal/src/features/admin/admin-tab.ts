/** The tabs of the administration, in order. The first one is the default. */
export const adminTabs = ['sites', 'people', 'devices', 'codes', 'shots', 'quality', 'audit'] as const;
export type AdminTab = (typeof adminTabs)[number];

/** Reads the address. Unknown tabs are ignored. */
export function adminTab(asked: string | null): AdminTab {
  return adminTabs.find((tab) => tab === asked) ?? adminTabs[0];
}
