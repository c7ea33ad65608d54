// A hub as the production service is built: a queue for each client, emptied every 100 ms, each event
// serialised for each client. It obeys the same datagrams as the other hubs of the bench.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

const flushInterval = 100 * time.Millisecond

type body struct {
	VMID          string `json:"vm_id"`
	PreviousState string `json:"previous_state"`
	CurrentState  string `json:"current_state"`
}

type event struct {
	ID        string `json:"id"`
	EventType string `json:"event_type"`
	Timestamp string `json:"timestamp"`
	Message   string `json:"message"`
	Body      body   `json:"body"`
}

type client struct {
	mutex sync.Mutex
	queue []*event
}

func (c *client) put(e *event) {
	c.mutex.Lock()
	c.queue = append(c.queue, e)
	c.mutex.Unlock()
}

func (c *client) take() []*event {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	taken := c.queue
	c.queue = nil
	return taken
}

var (
	mutex   sync.Mutex
	clients []*client
)

func subscribe(writer http.ResponseWriter, request *http.Request) {
	upgrader := websocket.Upgrader{}
	connection, err := upgrader.Upgrade(writer, request, nil)
	if err != nil {
		return
	}
	one := &client{}
	mutex.Lock()
	clients = append(clients, one)
	mutex.Unlock()
	for range time.Tick(flushInterval) {
		for _, due := range one.take() {
			if connection.WriteJSON(due) != nil {
				return
			}
		}
	}
}

func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func publish(first, batch int) {
	mutex.Lock()
	defer mutex.Unlock()
	for number := first; number < first+batch; number++ {
		due := &event{
			strings.Repeat("0123456789abcdef", 4), "pdfm", "2030-01-01T00:00:00.000000Z", "VM_STATE_CHANGED",
			body{fmt.Sprintf("%08d", number), "stopped", "running"},
		}
		for _, one := range clients {
			one.put(due)
		}
	}
}

func main() {
	batch, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	trigger, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, http.HandlerFunc(subscribe))
	fmt.Printf("{\"port\": %d, \"trigger\": %d, \"path\": \"/\"}\n",
		listener.Addr().(*net.TCPAddr).Port, trigger.LocalAddr().(*net.UDPAddr).Port)
	began := 0.0
	text := make([]byte, 64)
	for {
		size, _, err := trigger.ReadFrom(text)
		if err != nil {
			panic(err)
		}
		words := strings.Fields(string(text[:size]))
		switch words[0] {
		case "start":
			began = cpuSeconds()
		case "report":
			fmt.Printf("{\"cpu\": %f}\n", cpuSeconds()-began)
			return
		default:
			first, err := strconv.Atoi(words[1])
			if err != nil {
				panic(err)
			}
			publish(first, batch)
		}
	}
}
