// Take a channel off a connection.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	body, err := json.Marshal(map[string]any{
		"client_id":   os.Getenv("CLIENT_ID"),
		"event_types": []string{"pdfm"},
	})
	if err != nil {
		log.Fatal(err)
	}
	address := os.Getenv("EVENTS_HUB_URL") + "/v1/ws/unsubscribe"
	request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("EVENTS_HUB_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var result struct {
		Message      string   `json:"message"`
		Unsubscribed []string `json:"unsubscribed"`
	}
	if err := json.NewDecoder(response.Body).Decode(&result); err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status, ": ", result.Message)
	}
	fmt.Println("left:", strings.Join(result.Unsubscribed, " "))
}
