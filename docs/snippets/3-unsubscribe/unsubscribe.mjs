// Take a channel off a connection.
const response = await fetch(`${process.env.EVENTS_HUB_URL}/v1/ws/unsubscribe`, {
  method: "POST",
  headers: {
    Authorization: `Bearer ${process.env.EVENTS_HUB_TOKEN}`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({ client_id: process.env.CLIENT_ID, event_types: ["pdfm"] }),
});
const result = await response.json();
if (!response.ok) throw new Error(`${response.status} ${result.message}`);
console.log("left:", result.unsubscribed.join(" "));
