// Processes as the kernel knows them: starting, watching and limiting them, and leaving a word behind when one crashes.
#ifndef WEIR_CPROCESS_H
#define WEIR_CPROCESS_H

// Only types of the language: what needs _GNU_SOURCE stays in the .c files, because it changes types that Swift's Glibc module has too.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- starting (spawn.c) ----

// A descriptor of this process and the number that it has in the child.
typedef struct {
    int32_t from;
    int32_t as;
} weir_passing;

// How a program is started.
typedef struct {
    const char *path;
    char *const *arguments;     // ends with NULL, the first one is the program's name for itself
    char *const *environment;   // ends with NULL
    const weir_passing *passing;
    size_t passing_count;
    const int32_t *blocked;     // signals that are blocked at the start; all others are not, and all have their default action
    size_t blocked_count;
    bool own_group;             // so that a terminal's Ctrl-C goes to the parent alone
} weir_start;

// posix_spawn(3). The child has the descriptors of `passing`, 0 as /dev/null, 1 and 2 as the parent has them unless they are in `passing`,
// and no other. 0 or a value of errno.
int32_t weir_spawn(const weir_start *start, int32_t *pid);

// pidfd_open(2), close-on-exec: the descriptor or -1. pidfd_send_signal(2): 0 or -1.
int32_t weir_pidfd_open(int32_t pid);
int32_t weir_pidfd_signal(int32_t pidfd, int32_t number);

// waitid(2) on a child: 1 when it has ended (and is taken from the kernel's table), 0 when not yet, -1 with errno. `status` is its exit code,
// or the signal that ended it.
int32_t weir_wait(int32_t pidfd, bool blocks, bool *is_signal, int32_t *status);

// ---- limiting (limits.c) ----

// Limits of a process; UINT64_MAX leaves one as it is.
typedef struct {
    uint64_t address_space;     // bytes
    uint64_t cpu;               // seconds; then SIGXCPU, and SIGKILL a second later
    uint64_t file;              // bytes of a written file; then SIGXFSZ
    uint64_t core;              // bytes of a core file
    uint64_t descriptors;       // no new descriptor has this number or a larger one
} weir_limits;

// prlimit(2) of a process, 0 for the caller's. 0 or -1 with errno.
int32_t weir_set_limits(int32_t pid, const weir_limits *limits);
// prctl(2): the signal that the caller gets when the thread that started it ends.
int32_t weir_set_death_signal(int32_t number);
// sched(7): the calling thread, and what it starts from now on, run only when nobody else wants to.
int32_t weir_set_idle(void);

// ---- memory without a name (limits.c) ----

// memfd_create(2), close-on-exec, of a length that can never change again: the descriptor or -1 with errno.
int32_t weir_make_memory(const char *name, uint64_t bytes);
// Bytes 0..<bytes become zeros and take no memory. 0 or -1 with errno.
int32_t weir_empty_memory(int32_t number, uint64_t bytes);

// ---- crashing (crash.c) ----

// The head of the shared memory that outlives a crash, in 64-bit words.
enum {
    WEIR_SLOTS_MAGIC = 0,       // "WEIRSLOT" as bytes
    WEIR_SLOTS_SHAPE = 1,       // layout version << 32 | number of slots
    WEIR_SLOTS_CRASH = 2,       // signal << 32 | slot of the thread + 1; 0 without a crash. The first crash stays
    WEIR_SLOTS_HANG = 3,        // slot + 1 of the thread that was ended because it hung; 0 without
};

// Handles SEGV, BUS, ILL, FPE, ABRT and TRAP from now on: stores signal and slot in WEIR_SLOTS_CRASH, restores the default action, raises the
// signal again. Async-signal-safe (signal-safety(7)): atomics, sigaction, raise. `head` has to stay mapped. 0 or -1 with errno.
int32_t weir_handle_crashes(uint64_t *head);
// The calling thread works in this slot, and handles signals on a stack of its own: an overflow of the usual one can be told too.
// A crash's signals are unblocked on it. 0 or -1 with errno.
int32_t weir_bind_thread(uint32_t slot);
// Undoes it; before the thread ends.
void weir_unbind_thread(void);
// The calling thread's id.
int32_t weir_thread_id(void);
// Nanoseconds of CPU that a thread of this process has used; -1 when there is none.
int64_t weir_thread_cpu(int32_t thread);
// Sends SIGABRT to a thread of this process. 0 or -1.
int32_t weir_abort_thread(int32_t thread);

#endif
