#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Descriptors that can be passed at once, and the largest number that one can have in the child: the start of a program is not a place for
// large tables.
enum { PASSED_AT_MOST = 64, NUMBER_AT_MOST = 255 };

// Puts copies of the passed descriptors above all numbers that the child uses, so that no dup2 overwrites one that is still needed.
static int32_t lift(const weir_start *start, int32_t first_free, int32_t *copies, size_t *made) {
    for (*made = 0; *made < start->passing_count; (*made)++) {
        copies[*made] = fcntl(start->passing[*made].from, F_DUPFD_CLOEXEC, first_free);
        if (copies[*made] < 0) { return errno; }
    }
    return 0;
}

// What happens to descriptors between fork and exec.
static int32_t arrange(const weir_start *start, const int32_t *copies, int32_t first_free, posix_spawn_file_actions_t *actions) {
    bool taken[NUMBER_AT_MOST + 1] = {false};
    for (size_t index = 0; index < start->passing_count; index++) {
        int32_t code = posix_spawn_file_actions_adddup2(actions, copies[index], start->passing[index].as);
        if (code != 0) { return code; }
        taken[start->passing[index].as] = true;
    }
    if (!taken[0]) {
        int32_t code = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
        if (code != 0) { return code; }
    }
    for (int32_t number = 3; number < first_free; number++) {
        int32_t code = taken[number] ? 0 : posix_spawn_file_actions_addclose(actions, number);
        if (code != 0) { return code; }
    }
    return posix_spawn_file_actions_addclosefrom_np(actions, first_free);
}

// Signals as a program expects to find them: inherited blocks and ignores would be a trap.
static int32_t attribute(const weir_start *start, posix_spawnattr_t *attributes) {
    sigset_t blocked, all;
    sigemptyset(&blocked);
    sigfillset(&all);
    for (size_t index = 0; index < start->blocked_count; index++) { sigaddset(&blocked, start->blocked[index]); }
    posix_spawnattr_setsigmask(attributes, &blocked);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (start->own_group) { flags |= POSIX_SPAWN_SETPGROUP; }
    return posix_spawnattr_setflags(attributes, flags);
}

static int32_t start_with(const weir_start *start, const int32_t *copies, int32_t first_free, int32_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int32_t code = posix_spawn_file_actions_init(&actions);
    if (code != 0) { return code; }
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        code = arrange(start, copies, first_free, &actions);
        if (code == 0) { code = attribute(start, &attributes); }
        if (code == 0) { code = posix_spawn(pid, start->path, &actions, &attributes, start->arguments, start->environment); }
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

int32_t weir_spawn(const weir_start *start, int32_t *pid) {
    int32_t first_free = 3;
    if (start->passing_count > PASSED_AT_MOST) { return E2BIG; }
    for (size_t index = 0; index < start->passing_count; index++) {
        int32_t number = start->passing[index].as;
        if (number < 0 || number > NUMBER_AT_MOST) { return EBADF; }
        if (number >= first_free) { first_free = number + 1; }
    }
    int32_t copies[PASSED_AT_MOST];
    size_t made = 0;
    int32_t code = lift(start, first_free, copies, &made);
    if (code == 0) { code = start_with(start, copies, first_free, pid); }
    for (size_t index = 0; index < made; index++) { close(copies[index]); }
    return code;
}

int32_t weir_pidfd_open(int32_t pid) { return (int32_t)syscall(SYS_pidfd_open, pid, 0); }

int32_t weir_pidfd_signal(int32_t pidfd, int32_t number) { return (int32_t)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0); }

int32_t weir_wait(int32_t pidfd, bool blocks, bool *is_signal, int32_t *status) {
    siginfo_t info = {0};
    while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | (blocks ? 0 : WNOHANG)) != 0) {
        if (errno != EINTR) { return -1; }
    }
    if (info.si_pid == 0) { return 0; }
    *is_signal = info.si_code != CLD_EXITED;
    *status = info.si_status;
    return 1;
}
