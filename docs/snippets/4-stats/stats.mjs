// Print the hub's figures.
const response = await fetch(`${process.env.EVENTS_HUB_URL}/v1/ws/stats`, {
  headers: { Authorization: `Bearer ${process.env.EVENTS_HUB_TOKEN}` },
});
const stats = await response.json();
if (!response.ok) throw new Error(`${response.status} ${stats.message}`);
console.log("clients:", stats.total_clients);
