# Print the hub's figures.
curl --silent --show-error --fail-with-body \
  --header "Authorization: Bearer $EVENTS_HUB_TOKEN" \
  "$EVENTS_HUB_URL/v1/ws/stats"
