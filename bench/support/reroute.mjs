// Preloaded into a measured command. Redirects connections from some ports of this machine to a shaped link.
// SPINBAY_BENCH_HOST: its address. SPINBAY_BENCH_PORTS: pairs of ports, "4000:51234,4300:51235".
import { Socket } from 'node:net';

const ports = new Map((process.env.SPINBAY_BENCH_PORTS ?? '').split(',').map((pair) => pair.split(':').map(Number)));
const { connect } = Socket.prototype;
Socket.prototype.connect = function reroute(...args) {
  // Handles both forms of the arguments of `net.connect`.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const port = ports.get(Number(options?.port));
  if (port !== undefined) Object.assign(options, { port, host: process.env.SPINBAY_BENCH_HOST });
  return connect.apply(this, args);
};
