/* Makes the n-th call that changes a file below a folder fail, for tests: preloaded, armed by fault_arm(). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long left = -1; /* calls until the one that fails; -1: not armed */
static int sticky;     /* all later ones fail, too */
static long calls;
static char folder[4096];

void fault_arm(long n, int forever, const char *below) {
    strncpy(folder, below, sizeof folder - 1);
    left = n;
    sticky = forever;
    calls = 0;
}

long fault_calls(void) { return calls; }

static int below(const char *path) { return path && folder[0] && strncmp(path, folder, strlen(folder)) == 0; }

static int below_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return below(path);
}

static int fails(void) {
    if (!folder[0]) return 0;
    calls++;
    if (left < 0) return 0;
    if (left == 0) {
        if (!sticky) left = -1;
        return 1;
    }
    left--;
    return 0;
}

#define REAL(name) (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t n) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    if (fd > 2 && below_fd(fd) && fails()) { errno = ENOSPC; return -1; }
    return real(fd, data, n);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    if (below_fd(fd) && fails()) { errno = ENOSPC; return -1; }
    return real(fd, data, n, at);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite");
    if (below_fd(fd) && fails()) { errno = ENOSPC; return -1; }
    return real(fd, data, n, at);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    if (below_fd(fd) && fails()) { errno = EIO; return -1; }
    return real(fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    if (below_fd(fd) && fails()) { errno = EIO; return -1; }
    return real(fd);
}

int rename(const char *from, const char *to) {
    static int (*real)(const char *, const char *);
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    if (below(from) && fails()) { errno = ENOSPC; return -1; }
    return real(from, to);
}

int mkdir(const char *path, mode_t mode) {
    static int (*real)(const char *, mode_t);
    if (!real) real = dlsym(RTLD_NEXT, "mkdir");
    if (below(path) && fails()) { errno = ENOSPC; return -1; }
    return real(path, mode);
}
