/* Subscribes many times to a hub, says when events are to be published, and takes the time of each delivery.
 *
 *     stream_sink HUB_PORT TRIGGER_PORT REQUEST_LINE_PATH CONNECTIONS EVENTS BATCH PER_SECOND STALLED
 *
 * Each event carries the number that its trigger, a datagram, has named: eight digits behind "vm_id":"
 * A batch is so many events that are to be published in one turn. The last STALLED connections read nothing.
 * Prints one line of JSON. No library but the C library: the load must not be what is measured.
 * Compiled with WITH_TLS it speaks TLS, through OpenSSL, and trusts anybody.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <fcntl.h>
#include <openssl/ssl.h>
static SSL_CTX *tls_context;
#endif

enum { READ_SIZE = 1 << 16, KEPT_SIZE = 1 << 12, PATIENCE_MS = 5000 };

struct peer {
    int socket;
#ifdef WITH_TLS
    SSL *tls;
#endif
    size_t kept;
    char rest[KEPT_SIZE]; /* the beginning of a frame whose end has not come yet */
};

static struct peer *peers;
static int64_t *published;  /* when the event of this number was asked for, in nanoseconds */
static uint32_t *latencies; /* microseconds, one for each delivery */
static long events, deliveries;
static const char MARK[] = "\"vm_id\":\"";

static void give_up(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static ssize_t give(struct peer *peer, const void *bytes, size_t size) {
#ifdef WITH_TLS
    return SSL_write(peer->tls, bytes, size);
#else
    return send(peer->socket, bytes, size, MSG_NOSIGNAL);
#endif
}

/* What has come, no more than size; 0 at the end, -1 and EAGAIN when nothing has. */
static ssize_t get(struct peer *peer, void *bytes, size_t size, int flags) {
#ifdef WITH_TLS
    int got = SSL_read(peer->tls, bytes, size);
    (void)flags;
    if (got <= 0) {
        errno = SSL_get_error(peer->tls, got) == SSL_ERROR_WANT_READ ? EAGAIN : EPIPE;
        return -1;
    }
    return got;
#else
    return recv(peer->socket, bytes, size, flags);
#endif
}

static void subscribe(struct peer *peer, int port, const char *path) {
    struct sockaddr_in address = loopback(port);
    peer->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (peer->socket < 0 || connect(peer->socket, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("connect");
#ifdef WITH_TLS
    peer->tls = SSL_new(tls_context);
    if (peer->tls == NULL || SSL_set_fd(peer->tls, peer->socket) != 1 || SSL_connect(peer->tls) != 1)
        give_up("TLS handshake");
#endif
    char text[2048];
    int size = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                        path, port);
    if (give(peer, text, size) != size) give_up("send");
    /* Byte by byte, so that no frame behind the answer is read with it. */
    size_t got = 0;
    while (got < 4 || memcmp(text + got - 4, "\r\n\r\n", 4) != 0)
        if (got == sizeof text || get(peer, text + got++, 1, 0) != 1) give_up("handshake");
    if (memcmp(text + 9, "101", 3) != 0) {
        fprintf(stderr, "the hub answered %.*s\n", (int)got, text);
        exit(1);
    }
#ifdef WITH_TLS
    fcntl(peer->socket, F_SETFL, O_NONBLOCK);
#endif
}

/* A pong with the ping's payload, masked with zeros. */
static void answer(struct peer *peer, const unsigned char *payload, size_t length) {
    unsigned char frame[6 + 125] = {0x8a, 0x80 | length};
    memcpy(frame + 6, payload, length);
    if (give(peer, frame, 6 + length) < 0) perror("pong");
}

/* Notes the deliveries among whole frames and answers pings; returns how many bytes the frames take. */
static size_t note_frames(struct peer *peer, const char *bytes, size_t size, int64_t at) {
    size_t start = 0;
    while (size - start >= 2) {
        const unsigned char *frame = (const unsigned char *)bytes + start;
        size_t header = frame[1] == 127 ? 10 : frame[1] == 126 ? 4 : 2;
        if (size - start < header) break;
        size_t length = frame[1] == 126 ? frame[2] << 8 | frame[3] : frame[1];
        if (frame[1] == 127) {
            fprintf(stderr, "no event is that large\n");
            exit(1);
        }
        if (size - start < header + length) break;
        if (frame[0] == 0x89) answer(peer, frame + header, length);
        const char *mark = memmem(frame + header, length, MARK, sizeof MARK - 1);
        if (mark != NULL) {
            long number = strtol(mark + sizeof MARK - 1, NULL, 10);
            if (number >= 0 && number < events) latencies[deliveries++] = (at - published[number]) / 1000;
        }
        start += header + length;
    }
    return start;
}

static int take(struct peer *peer) {
    static char bytes[KEPT_SIZE + READ_SIZE];
    memcpy(bytes, peer->rest, peer->kept);
    ssize_t got = get(peer, bytes + peer->kept, READ_SIZE, MSG_DONTWAIT);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    size_t size = peer->kept + got, used = note_frames(peer, bytes, size, now());
    peer->kept = size - used;
    if (peer->kept > KEPT_SIZE) exit(1);
    memcpy(peer->rest, bytes + used, peer->kept);
    return 1;
}

static void tell(int trigger, const char *format, long number) {
    char text[32];
    int size = snprintf(text, sizeof text, format, number);
    if (send(trigger, text, size, 0) != size) give_up("trigger");
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words) {
    if (count != 9) return 2;
    int port = atoi(words[1]), connections = atoi(words[4]), batch = atoi(words[6]), stalled = atoi(words[8]);
    long period = 1000000000L * batch / atoi(words[7]);
    events = atol(words[5]);
    long wanted = events * (connections - stalled);
    peers = calloc(connections, sizeof *peers);
    published = calloc(events, sizeof *published);
    latencies = calloc(wanted + 1, sizeof *latencies);
    struct sockaddr_in address = loopback(atoi(words[2]));
    int trigger = socket(AF_INET, SOCK_DGRAM, 0), poll = epoll_create1(0);
    if (connect(trigger, (struct sockaddr *)&address, sizeof address) != 0) give_up("trigger");
#ifdef WITH_TLS
    tls_context = SSL_CTX_new(TLS_client_method());
#endif
    for (int i = 0; i < connections; i++) {
        subscribe(&peers[i], port, words[3]);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &peers[i]};
        if (i < connections - stalled && epoll_ctl(poll, EPOLL_CTL_ADD, peers[i].socket, &event) != 0)
            give_up("epoll");
    }
    tell(trigger, "start %ld", connections);
    int64_t next = now() + 200000000L, last = next;
    for (long sent = 0, lost = 0; deliveries < wanted && lost == 0;) {
        int64_t time = now();
        if (sent < events && time >= next) {
            for (long i = sent; i < sent + batch && i < events; i++) published[i] = time;
            tell(trigger, "event %08ld", sent);
            sent += batch;
            next += period;
            last = time;
        }
        if (sent >= events && time - last > PATIENCE_MS * 1000000LL) lost = 1;
        struct epoll_event ready[256];
        int64_t left = sent < events ? next - now() : 10000000;
        struct timespec wait = {.tv_nsec = left < 0 ? 0 : left > 999999999 ? 999999999 : left};
        int found = epoll_pwait2(poll, ready, 256, &wait, NULL);
        for (int i = 0; i < found; i++)
            if (last = time, !take(ready[i].data.ptr)) epoll_ctl(poll, EPOLL_CTL_DEL, ((struct peer *)ready[i].data.ptr)->socket, NULL);
    }
    tell(trigger, "report %ld", deliveries);
    qsort(latencies, deliveries, sizeof *latencies, ascending);
    printf("{\"wanted\": %ld, \"deliveries\": %ld, \"p50\": %u, \"p99\": %u, \"worst\": %u}\n", wanted, deliveries,
           latencies[deliveries / 2], latencies[deliveries * 99 / 100], latencies[deliveries ? deliveries - 1 : 0]);
    fflush(stdout);
    /* The connections stay until the hub's memory has been taken. */
    getchar();
    return 0;
}
