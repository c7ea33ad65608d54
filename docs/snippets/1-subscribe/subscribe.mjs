// Print every event. Node 22 has a WebSocket of its own; 20 has it with --experimental-websocket.
// It cannot set headers, so the token goes into the address.
const address = new URL("v1/ws/subscribe", `${process.env.EVENTS_HUB_URL.replace(/\/$/, "")}/`);
address.protocol = address.protocol.replace("http", "ws");
address.searchParams.set("event_types", "pdfm,orchestrator");
address.searchParams.set("access_token", process.env.EVENTS_HUB_TOKEN);

const socket = new WebSocket(address);
let isFirst = true;
socket.addEventListener("message", ({ data }) => {
  const frame = JSON.parse(data);
  if (isFirst) console.log("granted:", frame.body.subscriptions.join(" "));
  else console.log(frame.event_type, frame.message);
  isFirst = false;
});
socket.addEventListener("close", ({ code, reason }) => console.error("closed:", code, reason));
