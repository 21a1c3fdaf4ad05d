/** The tabs of the administration, in their order; the first one is shown when the address names none. */
export const adminTabs = ['sites', 'people', 'devices', 'codes', 'audit'] as const;
export type AdminTab = (typeof adminTabs)[number];

/** Reads the address; what is no tab there counts as not said. */
export function adminTab(asked: string | null): AdminTab {
  return adminTabs.find((tab) => tab === asked) ?? adminTabs[0];
}
