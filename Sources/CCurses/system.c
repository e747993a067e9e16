#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

#include "ccurses.h"

int ccurses_width(wchar_t character) { return wcwidth(character); }

int ccurses_pipe(int ends[2], int is_blocking) {
    return pipe2(ends, O_CLOEXEC | (is_blocking ? 0 : O_NONBLOCK)) == 0;
}

int ccurses_nameless_file(void) { return memfd_create("standard error", MFD_CLOEXEC); }
