# See how the hub answers a handshake, before there is any program: 101 opens the stream, everything else is JSON.
# curl waits for nothing after that; leave `--max-time` out to see frames arrive as they are on the wire.
curl --silent --show-error --include --http1.1 --max-time 2 \
  --header "Authorization: Bearer $EVENTS_HUB_TOKEN" \
  --header "Connection: Upgrade" --header "Upgrade: websocket" \
  --header "Sec-WebSocket-Version: 13" --header "Sec-WebSocket-Key: c2FtcGxlIG5vbmNlIDE2Ig==" \
  "$EVENTS_HUB_URL/v1/ws/subscribe?event_types=pdfm,orchestrator"
