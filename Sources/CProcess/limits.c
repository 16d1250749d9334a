#define _GNU_SOURCE
#include "CProcess.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// Sets one limit; `hard` is what it can never be raised above again.
static int32_t set_limit(int32_t pid, __rlimit_resource_t resource, uint64_t soft, uint64_t hard) {
    if (soft == UINT64_MAX) { return 0; }
    struct rlimit before;
    if (prlimit(pid, resource, NULL, &before) != 0) { return -1; }
    // Only the superuser may raise a hard limit: then the smaller one holds.
    struct rlimit after = {soft < before.rlim_max ? soft : before.rlim_max, hard < before.rlim_max ? hard : before.rlim_max};
    return prlimit(pid, resource, &after, NULL);
}

int32_t weir_set_limits(int32_t pid, const weir_limits *limits) {
    uint64_t cpu_end = limits->cpu == UINT64_MAX ? UINT64_MAX : limits->cpu + 1;
    if (set_limit(pid, RLIMIT_AS, limits->address_space, limits->address_space) != 0) { return -1; }
    if (set_limit(pid, RLIMIT_CPU, limits->cpu, cpu_end) != 0) { return -1; }
    if (set_limit(pid, RLIMIT_FSIZE, limits->file, limits->file) != 0) { return -1; }
    if (set_limit(pid, RLIMIT_CORE, limits->core, limits->core) != 0) { return -1; }
    return set_limit(pid, RLIMIT_NOFILE, limits->descriptors, limits->descriptors);
}

int32_t weir_set_death_signal(int32_t number) { return prctl(PR_SET_PDEATHSIG, number); }

int32_t weir_set_idle(void) {
    struct sched_param nothing = {0};
    return sched_setscheduler(0, SCHED_IDLE, &nothing);
}

int32_t weir_make_memory(const char *name, uint64_t bytes) {
    int32_t number = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (number < 0) { return -1; }
    // A mapping of a file that became shorter is SIGBUS: nobody may shorten it.
    if (ftruncate(number, (off_t)bytes) == 0 && fcntl(number, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0) { return number; }
    close(number);
    return -1;
}

int32_t weir_empty_memory(int32_t number, uint64_t bytes) {
    return fallocate(number, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes);
}
