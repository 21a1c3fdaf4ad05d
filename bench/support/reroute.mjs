// Preloaded into a command under measurement: connections to some ports of this machine go to others, where a shaped link
// listens. SPINBAY_BENCH_PORTS: pairs of ports, "4000:51234,4300:51235".
import { Socket } from 'node:net';

const ports = new Map((process.env.SPINBAY_BENCH_PORTS ?? '').split(',').map((pair) => pair.split(':').map(Number)));
const { connect } = Socket.prototype;
Socket.prototype.connect = function reroute(...args) {
  // Of `net.connect` with its arguments in order, or as it was called.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const port = ports.get(Number(options?.port));
  if (port !== undefined) options.port = port;
  return connect.apply(this, args);
};
