# Take a channel off a connection.
curl --silent --show-error --fail-with-body \
  --header "Authorization: Bearer $EVENTS_HUB_TOKEN" \
  --json "{\"client_id\": \"$CLIENT_ID\", \"event_types\": [\"pdfm\"]}" \
  "$EVENTS_HUB_URL/v1/ws/unsubscribe"
