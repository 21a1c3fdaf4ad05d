// Runs before the first paint, so that a dark screen never flashes white. A file of its own, because the security
// policy allows no inline script. The key is the one that the app's theme provider writes.
(() => {
  let wanted = null;
  try {
    wanted = localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage is blocked: the system's choice holds.
  }
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
