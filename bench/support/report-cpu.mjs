// Loaded into a measured process. On request, reports its CPU time so far and its resident memory to the parent.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ usage: { cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 1048576 } });
});
