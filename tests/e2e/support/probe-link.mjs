// Runs behind a link and measures it together with `measureLink`. Arguments: the address of the other side, its TCP port,
// its UDP port (0: no datagrams), the number of bytes and of datagrams to send. Prints JSON.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [host, tcpPort, udpPort, bytes, datagrams] = process.argv
  .slice(2)
  .map((text, k) => (k === 0 ? text : Number(text)));

const client = connect({ host, port: tcpPort, noDelay: true });
await once(client, 'connect');
const trips = [];
for (let k = 0; k < 8; k++) {
  const sent = performance.now();
  client.write('.');
  await once(client, 'data');
  // The first trip also waits until the proxy is connected to the server.
  if (k > 0) trips.push(performance.now() - sent);
}

let echoed = 0;
if (udpPort !== 0) {
  const socket = createSocket('udp4');
  socket.on('message', () => {
    echoed += 1;
  });
  for (let k = 0; k < datagrams; k++) {
    socket.send('.', udpPort, host);
    await sleep(1);
  }
  await sleep(1_000);
  socket.close();
}

client.write(Buffer.alloc(bytes));
// The other side closes the connection when it has everything.
client.resume();
await once(client, 'close');
console.log(JSON.stringify({ roundTripMs: trips.sort((a, b) => a - b)[trips.length >> 1], echoed }));
