/* The least that a hub can do: one send() for each subscriber and batch, of bytes that are ready.
 *
 *     floor
 *
 * Prints its two ports, for subscribers and for triggers, and at the end the CPU time that it has taken.
 * What is measured elsewhere is measured against it. It answers every handshake with the same bytes, so it is good for
 * the bench only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 16, FRAME_SIZE = 512 };

static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static const char EVENT[] =
    "{\"id\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"event_type\":\"pdfm\",\"timestamp\":\"2030-01-01T00:00:00.000000Z\","
    "\"message\":\"VM_STATE_CHANGED\",\"body\":{\"vm_id\":\"%08ld\",\"previous_state\":\"stopped\","
    "\"current_state\":\"running\"}}";
static int subscribers[MOST];
static int subscribed;

static double cpu(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int listening(int kind, int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int result = socket(AF_INET, kind, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(result, (struct sockaddr *)&address, size) != 0) exit(1);
    if (kind == SOCK_STREAM && listen(result, 4096) != 0) exit(1);
    getsockname(result, (struct sockaddr *)&address, &size);
    *port = ntohs(address.sin_port);
    return result;
}

static size_t write_frame(char *frame, long number) {
    int length = snprintf(frame + 4, FRAME_SIZE - 4, EVENT, number);
    frame[0] = (char)0x81;
    frame[1] = 126;
    frame[2] = (char)(length >> 8);
    frame[3] = (char)length;
    return 4 + length;
}

int main(int count, char **words) {
    int port, trigger_port, batch = count > 1 ? atoi(words[1]) : 1;
    int listener = listening(SOCK_STREAM, &port), trigger = listening(SOCK_DGRAM, &trigger_port);
    int poll = epoll_create1(0);
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &wanted);
    wanted.data.fd = trigger;
    epoll_ctl(poll, EPOLL_CTL_ADD, trigger, &wanted);
    printf("{\"port\": %d, \"trigger\": %d, \"path\": \"/\"}\n", port, trigger_port);
    fflush(stdout);
    char *frames = malloc((size_t)FRAME_SIZE * batch);
    double started = 0;
    for (;;) {
        struct epoll_event ready[64];
        int found = epoll_wait(poll, ready, 64, -1);
        for (int i = 0; i < found; i++) {
            char text[2048];
            int from = ready[i].data.fd;
            if (from == listener) {
                int peer = subscribers[subscribed++] = accept(listener, NULL, NULL);
                if (recv(peer, text, sizeof text, 0) <= 0) return 1;
                if (send(peer, ANSWER, sizeof ANSWER - 1, 0) < 0) return 1;
                continue;
            }
            ssize_t got = recv(trigger, text, sizeof text - 1, 0);
            if (got <= 0) continue;
            text[got] = 0;
            if (text[0] == 's') {
                started = cpu();
            } else if (text[0] == 'r') {
                printf("{\"cpu\": %.6f}\n", cpu() - started);
                return 0;
            } else {
                long number = strtol(text + 6, NULL, 10);
                size_t size = 0;
                for (int k = 0; k < batch; k++) size += write_frame(frames + size, number + k);
                for (int k = 0; k < subscribed; k++)
                    while (send(subscribers[k], frames, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EINTR) {
                    }
            }
        }
    }
}
