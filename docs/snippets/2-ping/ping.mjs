// Measure a round trip. Node 22 has a WebSocket of its own; 20 has it with --experimental-websocket.
import { randomUUID } from "node:crypto";

const address = new URL("v1/ws/subscribe", `${process.env.EVENTS_HUB_URL.replace(/\/$/, "")}/`);
address.protocol = address.protocol.replace("http", "ws");
address.searchParams.set("event_types", "health");
address.searchParams.set("access_token", process.env.EVENTS_HUB_TOKEN);

const id = randomUUID();
const socket = new WebSocket(address);
let start = 0;
socket.addEventListener("open", () => {
  start = performance.now();
  socket.send(JSON.stringify({ event_type: "health", type: "health", message: "ping", id }));
});
socket.addEventListener("message", ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.ref_id !== id) return; // the welcome, or an event
  console.log("round trip:", (performance.now() - start).toFixed(1), "ms", frame.message);
  socket.close();
});
