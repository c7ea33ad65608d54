// A client as the user guide describes it and nothing more: the `ws` package, a bearer header,
// commands under the key `type`, no JSON pings. Prints one JSON line a frame; ends when the socket does.
import WebSocket from 'ws';

const { HUB_URL, HUB_TOKEN, CHANNELS } = process.env;
const socket = new WebSocket(`${HUB_URL}/v1/ws/subscribe?event_types=${CHANNELS}`, {
  headers: { Authorization: `Bearer ${HUB_TOKEN}` },
});
let frames = 0;

socket.on('message', (raw) => {
  console.log(raw.toString());
  frames += 1;
  if (frames === 1) {
    socket.send(JSON.stringify({ type: 'system', message: 'client-id', id: 'request-1' }));
    socket.send(JSON.stringify({ type: 'health', message: 'ping', id: 'request-2' }));
  }
});
socket.on('close', (code) => {
  console.log(JSON.stringify({ closed: code }));
});
socket.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
