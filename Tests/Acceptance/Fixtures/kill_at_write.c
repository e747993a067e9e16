// Kills the program it is loaded into just before the Nth call that changes a directory or a file in it, so that a
// test can see what every moment leaves on disk.
//
//   clang -shared -fPIC -O1 -o kill_at_write.so kill_at_write.c
//   KILL_BELOW=$PWD/store KILL_AT=7 LD_PRELOAD=$PWD/kill_at_write.so verdict ingest --store memory:$PWD/store log.jsonl
//
// KILL_BELOW  the directory: absolute, without symbolic links
// KILL_AT     the number of the call, from 1; without it nothing is killed
// KILL_TORN   when set, a call that writes does half of its work first
// KILL_LOG    a file that gets a line for each call that came back: number, name, bytes, path; and one for the call
//             that did not, with "killed" before it
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *below;
static long target;
static int is_torn;
static int record = -1;
static atomic_long calls;

__attribute__((constructor)) static void begin(void) {
    const char *number = getenv("KILL_AT"), *path = getenv("KILL_LOG");
    below = getenv("KILL_BELOW");
    target = number ? atol(number) : 0;
    is_torn = getenv("KILL_TORN") != NULL;
    if (path) record = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int is_below(const char *path) {
    const size_t length = below ? strlen(below) : 0;
    return length > 0 && strncmp(path, below, length) == 0 && (path[length] == 0 || path[length] == '/');
}

// Finds the path of an open file; whether it is below the directory.
static int is_file_below(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return is_below(path);
}

static void tell(const char *word, long number, const char *name, size_t bytes, const char *path) {
    char line[PATH_MAX + 100];
    const int length = snprintf(line, sizeof line, "%s%ld %s %zu %s\n", word, number, name, bytes, path);
    if (record >= 0) syscall(SYS_write, record, line, (size_t)length);
}

#define END_HERE(number, name, bytes, path)        \
    do {                                           \
        tell("killed ", number, name, bytes, path); \
        kill(getpid(), SIGKILL);                   \
        for (;;) pause();                          \
    } while (0)

// Counts a call when `counts` says so, does `half` of it if it is to be torn, and calls what the program meant to.
#define THROUGH(name, counts, path, bytes, half, ...)                                   \
    ({                                                                                  \
        const long number = (counts) ? atomic_fetch_add(&calls, 1) + 1 : 0;             \
        if (number != 0 && number == target) {                                          \
            if (is_torn) (void)(half);                                                  \
            END_HERE(number, #name, (size_t)(bytes), path);                             \
        }                                                                               \
        const __typeof__(&name) original = (__typeof__(&name))dlsym(RTLD_NEXT, #name);  \
        const __typeof__(original(__VA_ARGS__)) result = original(__VA_ARGS__);         \
        const int code = errno;                                                         \
        if (number != 0) tell("", number, #name, (size_t)(bytes), path);                \
        errno = code;                                                                   \
        result;                                                                         \
    })

// On an open file.
#define FILE_CALL(name, bytes, half, ...) \
    char path[PATH_MAX];                  \
    return THROUGH(name, is_file_below(file, path), path, bytes, half, __VA_ARGS__)

ssize_t write(int file, const void *data, size_t count) {
    FILE_CALL(write, count, syscall(SYS_write, file, data, count / 2), file, data, count);
}
ssize_t pwrite(int file, const void *data, size_t count, off_t place) {
    FILE_CALL(pwrite, count, syscall(SYS_pwrite64, file, data, count / 2, place), file, data, count, place);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
    FILE_CALL(writev, parts[0].iov_len, syscall(SYS_write, file, parts[0].iov_base, parts[0].iov_len / 2), file, parts,
              count);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t place) {
    FILE_CALL(pwritev, parts[0].iov_len,
              syscall(SYS_pwrite64, file, parts[0].iov_base, parts[0].iov_len / 2, place), file, parts, count, place);
}
int ftruncate(int file, off_t length) { FILE_CALL(ftruncate, length, 0, file, length); }
int fsync(int file) { FILE_CALL(fsync, 0, 0, file); }
int fdatasync(int file) { FILE_CALL(fdatasync, 0, 0, file); }
int fallocate(int file, int mode, off_t place, off_t length) {
    FILE_CALL(fallocate, length, 0, file, mode, place, length);
}

// On a name.
int mkdir(const char *path, mode_t mode) { return THROUGH(mkdir, is_below(path), path, 0, 0, path, mode); }
int rename(const char *old, const char *path) { return THROUGH(rename, is_below(path), path, 0, 0, old, path); }
int renameat(int from, const char *old, int to, const char *path) {
    return THROUGH(renameat, is_below(path), path, 0, 0, from, old, to, path);
}
int link(const char *old, const char *path) { return THROUGH(link, is_below(path), path, 0, 0, old, path); }
// Removing what is not there changes nothing.
int unlink(const char *path) {
    return THROUGH(unlink, is_below(path) && access(path, F_OK) == 0, path, 0, 0, path);
}
int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return THROUGH(open, is_below(path) && flags & (O_CREAT | O_TRUNC), path, 0, 0, path, flags, mode);
}

// A write through memory would go unseen: whoever begins to write like that has to count those moments as well.
int msync(void *address, size_t length, int flags) {
    return THROUGH(msync, 1, "memory", length, 0, address, length, flags);
}
