// Print the hub's figures.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	request, err := http.NewRequest(http.MethodGet, os.Getenv("EVENTS_HUB_URL")+"/v1/ws/stats", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("EVENTS_HUB_TOKEN"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var stats struct {
		Message      string `json:"message"`
		TotalClients int    `json:"total_clients"`
	}
	if err := json.NewDecoder(response.Body).Decode(&stats); err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status, ": ", stats.Message)
	}
	fmt.Println("clients:", stats.TotalClients)
}
