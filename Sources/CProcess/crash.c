#define _GNU_SOURCE
#include "CProcess.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Bytes of the stack that a thread handles signals on: the frame takes 3.6 KB with AVX-512 (sysconf(_SC_MINSIGSTKSZ)), ours a few hundred bytes.
enum { SIGNAL_STACK_BYTES = 64 * 1024 };

// Where a crash is noted. Set once, before threads are bound.
static uint64_t *crash_head;

// The calling thread's slot + 1. "initial-exec": at a fixed distance from the thread pointer, so that reading it in a signal handler calls
// nothing.
static __thread uint32_t bound_slot __attribute__((tls_model("initial-exec")));
static __thread void *signal_stack __attribute__((tls_model("initial-exec")));

static void note_crash(int number) {
    uint64_t *head = __atomic_load_n(&crash_head, __ATOMIC_ACQUIRE);
    if (head != NULL) {
        uint64_t none = 0;
        uint64_t word = (uint64_t)number << 32 | bound_slot;
        __atomic_compare_exchange_n(head + WEIR_SLOTS_CRASH, &none, word, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
    }
    // Blocked while its handler runs: it ends the process as soon as the handler returns.
    struct sigaction fatal = {.sa_handler = SIG_DFL};
    sigaction(number, &fatal, NULL);
    raise(number);
}

// The signals that mean a crash.
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
enum { CRASHES = sizeof crashes / sizeof crashes[0] };

int32_t weir_handle_crashes(uint64_t *head) {
    __atomic_store_n(&crash_head, head, __ATOMIC_RELEASE);
    struct sigaction action = {.sa_handler = note_crash, .sa_flags = SA_ONSTACK};
    sigfillset(&action.sa_mask);
    for (size_t index = 0; index < CRASHES; index++) {
        if (sigaction(crashes[index], &action, NULL) != 0) { return -1; }
    }
    return 0;
}

int32_t weir_bind_thread(uint32_t slot) {
    if (signal_stack == NULL) {
        void *stack = mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        if (stack == MAP_FAILED) { return -1; }
        stack_t place = {.ss_sp = stack, .ss_size = SIGNAL_STACK_BYTES};
        if (sigaltstack(&place, NULL) != 0) {
            munmap(stack, SIGNAL_STACK_BYTES);
            return -1;
        }
        signal_stack = stack;
    }
    // Whoever started the thread may have blocked them (libdispatch does): a hang is ended by one that is sent.
    sigset_t set;
    sigemptyset(&set);
    for (size_t index = 0; index < CRASHES; index++) { sigaddset(&set, crashes[index]); }
    if (pthread_sigmask(SIG_UNBLOCK, &set, NULL) != 0) { return -1; }
    bound_slot = slot + 1;
    return 0;
}

void weir_unbind_thread(void) {
    bound_slot = 0;
    if (signal_stack == NULL) { return; }
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    munmap(signal_stack, SIGNAL_STACK_BYTES);
    signal_stack = NULL;
}

int32_t weir_thread_id(void) { return (int32_t)syscall(SYS_gettid); }

int64_t weir_thread_cpu(int32_t thread) {
    // The clock that pthread_getcpuclockid(3) names, made from the kernel's id: a pthread_t may be gone.
    clockid_t clock = (clockid_t)(~(uint32_t)thread << 3 | 6);
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) { return -1; }
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int32_t weir_abort_thread(int32_t thread) { return (int32_t)syscall(SYS_tgkill, getpid(), thread, SIGABRT); }
