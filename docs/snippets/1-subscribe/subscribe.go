// Print every event. Needs `go get github.com/coder/websocket`.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/coder/websocket"
)

type frame struct {
	EventType string          `json:"event_type"`
	Message   string          `json:"message"`
	Body      json.RawMessage `json:"body"`
}

func main() {
	ctx := context.Background()
	base := strings.TrimSuffix(os.Getenv("EVENTS_HUB_URL"), "/")
	header := http.Header{"Authorization": {"Bearer " + os.Getenv("EVENTS_HUB_TOKEN")}}
	address := base + "/v1/ws/subscribe?event_types=pdfm,orchestrator"
	socket, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		log.Fatal(err)
	}
	defer socket.CloseNow()
	socket.SetReadLimit(16 << 20)
	for first := true; ; first = false {
		_, data, err := socket.Read(ctx)
		if err != nil {
			log.Fatal(err)
		}
		var event frame
		if err := json.Unmarshal(data, &event); err != nil {
			log.Fatal(err)
		}
		if first {
			fmt.Println("granted:", string(event.Body))
			continue
		}
		fmt.Println(event.EventType, event.Message)
	}
}
