// Loaded into a measured process beside its own code: tells the parent, when asked, what CPU time it has used so far.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ usage: { cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 1048576 } });
});
