// Measure a round trip. Needs `go get github.com/coder/websocket`.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	base := strings.TrimSuffix(os.Getenv("EVENTS_HUB_URL"), "/")
	header := http.Header{"Authorization": {"Bearer " + os.Getenv("EVENTS_HUB_TOKEN")}}
	address := base + "/v1/ws/subscribe?event_types=health"
	socket, _, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		log.Fatal(err)
	}
	defer socket.CloseNow()
	id, start := fmt.Sprint("ping-", time.Now().UnixNano()), time.Now()
	command := map[string]string{"event_type": "health", "type": "health", "message": "ping", "id": id}
	if err := wsjson.Write(ctx, socket, command); err != nil {
		log.Fatal(err)
	}
	for {
		var frame struct {
			RefID   string `json:"ref_id"`
			Message string `json:"message"`
		}
		if err := wsjson.Read(ctx, socket, &frame); err != nil {
			log.Fatal(err)
		}
		if frame.RefID == id { // everything else is the welcome, or an event
			fmt.Println("round trip:", time.Since(start), frame.Message)
			return
		}
	}
}
