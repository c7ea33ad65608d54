/* Both ends of the fan-out bench that must cost next to nothing.
 *
 *   fanout sink PORT N TOKEN    opens N WebSockets and throws away what comes; prints "ready", ends with its input
 *   fanout floor N FRAME_SIZE   accepts N of them, prints its port; for each input line "EVENTS JOINED PAUSE_US"
 *                               sends that many events to each, JOINED at a time, and prints microseconds of CPU
 *                               for each delivery
 *
 * Built by the bench: cc -O2 -o fanout fanout.c
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Reads until the head of a request or an answer is complete. */
static void read_head(int fd) {
    char seen[4] = {0};
    while (memcmp(seen, "\r\n\r\n", 4) != 0) {
        memmove(seen, seen + 1, 3);
        if (read(fd, seen + 3, 1) != 1) fail("handshake");
    }
}

static int sink(int port, int count, const char *token) {
    static char buffer[1 << 18];
    char request[1024];
    int size = snprintf(request, sizeof request,
                        "GET /v1/ws/subscribe?event_types=pdfm HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer %s\r\n\r\n",
                        port, token);
    struct sockaddr_in address = loopback(port);
    int poll_fd = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = STDIN_FILENO}, events[256];
    if (poll_fd < 0 || epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event)) fail("epoll");
    for (int i = 0; i < count; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
        if (write(fd, request, (size_t)size) != size) fail("write");
        read_head(fd);
        event.data.fd = fd;
        if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event)) fail("epoll");
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(poll_fd, events, 256, -1);
        if (ready < 0 && errno != EINTR) fail("epoll");
        for (int i = 0; i < ready; i++) {
            ssize_t got = read(events[i].data.fd, buffer, sizeof buffer);
            if (got > 0) continue;
            if (events[i].data.fd == STDIN_FILENO) return 0;
            close(events[i].data.fd);
        }
    }
}

static double cpu_microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int floor_of_all(int count, size_t frame_size) {
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1024)) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &length)) fail("getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int *fds = calloc((size_t)count, sizeof *fds);
    for (int i = 0; i < count; i++) {
        if ((fds[i] = accept(listener, NULL, NULL)) < 0) fail("accept");
        read_head(fds[i]);
        if (write(fds[i], answer, sizeof answer - 1) < 0) fail("write");
    }
    int events, joined, pause;
    while (scanf("%d %d %d", &events, &joined, &pause) == 3) {
        size_t size = frame_size * (size_t)joined;
        char *frames = calloc(1, size);
        double before = cpu_microseconds();
        for (int sent = 0; sent < events; sent += joined) {
            for (int i = 0; i < count; i++)
                if (send(fds[i], frames, size, 0) != (ssize_t)size) fail("send");
            usleep((useconds_t)pause);
        }
        printf("%f\n", (cpu_microseconds() - before) / ((double)events * count));
        fflush(stdout);
        free(frames);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "sink") == 0) return sink(atoi(argv[2]), atoi(argv[3]), argv[4]);
    if (argc == 4 && strcmp(argv[1], "floor") == 0) return floor_of_all(atoi(argv[2]), (size_t)atoi(argv[3]));
    fprintf(stderr, "usage: fanout sink PORT N TOKEN | fanout floor N FRAME_SIZE\n");
    return 2;
}
