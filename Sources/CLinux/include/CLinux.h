// What Linux has and Swift's Glibc module does not show.
#ifndef WEIR_CLINUX_H
#define WEIR_CLINUX_H

// Without _GNU_SOURCE: it changes types that Swift's own Glibc module has too, and two definitions of one type do not compile. What it would
// declare is declared here.
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);
extern int pipe2(int *, int);

// errno is a macro over a thread-local: Swift cannot see it.
static inline int weir_errno(void) { return errno; }

// epoll_event is a packed struct with a union: the 64-bit token is all that is used.
static inline void weir_epoll_event_set(struct epoll_event *event, uint32_t events, uint64_t token) {
    event->events = events;
    event->data.u64 = token;
}
static inline uint64_t weir_epoll_event_token(const struct epoll_event *event) { return event->data.u64; }

// The CPUs this process may run on, of the first 4096 (sched_getaffinity(2), as the kernel offers it: the number of bytes it wrote).
static inline int weir_allowed_cpus(void) {
    unsigned long mask[64] = {0};
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long word = 0; word * (long)sizeof mask[0] < bytes; word++) { count += __builtin_popcountl(mask[word]); }
    return count > 0 ? count : 1;
}

// glibc declares socket addresses as a transparent union, which Swift imports as an opaque argument type.
static inline int weir_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }
static inline int weir_bind(int number, const struct addrinfo *address) { return bind(number, address->ai_addr, address->ai_addrlen); }
// The port a socket is bound to, in host order; 0 when it has none.
static inline uint16_t weir_local_port(int number) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    if (getsockname(number, (struct sockaddr *)&storage, &length) != 0) { return 0; }
    if (storage.ss_family == AF_INET6) { return ntohs(((struct sockaddr_in6 *)&storage)->sin6_port); }
    return ntohs(((struct sockaddr_in *)&storage)->sin_port);
}

// Whether an address is of this machine alone: 127.0.0.0/8 or ::1, also as IPv4 within IPv6 (RFC 4291 sections 2.5.3 and 2.5.5.2).
static inline bool weir_is_loopback(const struct sockaddr_storage *address) {
    if (address->ss_family == AF_INET) { return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127; }
    if (address->ss_family != AF_INET6) { return false; }
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == 127);
}
static inline bool weir_is_bound_to_loopback(int number) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    return getsockname(number, (struct sockaddr *)&storage, &length) == 0 && weir_is_loopback(&storage);
}
static inline bool weir_has_loopback_peer(int number) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    return getpeername(number, (struct sockaddr *)&storage, &length) == 0 && weir_is_loopback(&storage);
}

// open is variadic.
static inline int weir_open_to_read(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
static inline int weir_open_null(void) { return open("/dev/null", O_RDWR | O_CLOEXEC); }

// fcntl is variadic.
static inline int weir_set_close_on_exec(int number, bool is_on) { return fcntl(number, F_SETFD, is_on ? FD_CLOEXEC : 0); }
static inline int weir_set_nonblocking(int number) { return fcntl(number, F_SETFL, O_NONBLOCK); }

// SIG_IGN is a cast macro.
static inline void weir_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

#endif
