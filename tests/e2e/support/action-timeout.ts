/** How long a browser test waits for an action. Playwright's 30 s are too short for ten tabs on a busy machine. */
export const actionTimeoutMs = 120_000;
