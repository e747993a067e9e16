// Everything here is async-signal-safe: fixed storage, pread, write, fcntl, dup2, tcsetattr, nanosleep, sigaction, raise.
#include "ccurses.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAXIMUM_BYTES = 1024 };

static struct {
    volatile sig_atomic_t armed;
    int descriptor;
    struct termios modes;
    char bytes[MAXIMUM_BYTES];
    size_t count;
} owed;

static const int crash_signals[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGABRT, SIGTRAP};
static const int notice_signals[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
enum { CRASHES = sizeof crash_signals / sizeof *crash_signals };
enum { NOTICES = sizeof notice_signals / sizeof *notice_signals };

static struct sigaction former_crash[CRASHES];
static struct sigaction former_notice[NOTICES];
static volatile sig_atomic_t installed;
static volatile int notice_descriptor = -1, ending_descriptor = -1;
// Read and written by several threads and by a handler: atomic, in one order for all.
static atomic_int crashed, is_drawing;
static pthread_t drawer;

void ccurses_arm(int descriptor, const struct termios *modes, const char *bytes, size_t count) {
    static int registered;
    owed.armed = 0;
    owed.descriptor = descriptor;
    owed.modes = *modes;
    owed.count = count < MAXIMUM_BYTES ? count : MAXIMUM_BYTES;
    memcpy(owed.bytes, bytes, owed.count);
    owed.armed = 1;
    // exit() from anywhere must not leave the terminal behind either.
    if (!registered) registered = atexit(ccurses_give_back) == 0;
}

void ccurses_disarm(void) { owed.armed = 0; }

// Where standard error went to meanwhile, and where it belongs; -1 when it stayed.
static volatile int captured_errors = -1, former_errors = -1;
static volatile off_t captured_from;

void ccurses_arm_errors(int captured, int former, off_t from) {
    captured_errors = captured;
    former_errors = former;
    captured_from = from;
}

// Says what was held back: the reason of a crash is written just before it.
static void give_back_errors(void) {
    int captured = captured_errors, former = former_errors;
    captured_errors = former_errors = -1;
    if (captured < 0 || former < 0) return;
    char block[4096];
    off_t place = captured_from;
    ssize_t count;
    while ((count = pread(captured, block, sizeof block, place)) > 0) {
        place += count;
        if (write(former, block, (size_t)count) < 0) break;
    }
    dup2(former, 2);
}

void ccurses_give_back(void) {
    if (!owed.armed) return;
    owed.armed = 0;
    int saved = errno;
    size_t written = 0;
    // A terminal that takes nothing more, as behind a hung connection, must not keep the program.
    int flags = fcntl(owed.descriptor, F_GETFL);
    if (flags >= 0) fcntl(owed.descriptor, F_SETFL, flags | O_NONBLOCK);
    while (written < owed.count) {
        ssize_t count = write(owed.descriptor, owed.bytes + written, owed.count - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        written += (size_t)count;
    }
    if (flags >= 0) fcntl(owed.descriptor, F_SETFL, flags);
    tcsetattr(owed.descriptor, TCSANOW, &owed.modes);
    give_back_errors();
    errno = saved;
}

int ccurses_begin_drawing(void) {
    drawer = pthread_self();
    is_drawing = 1;
    // Looked at after the mark is set: whoever crashes sets its own mark first and then looks at this one.
    if (!crashed) return 1;
    is_drawing = 0;
    return 0;
}

void ccurses_end_drawing(void) { is_drawing = 0; }

// Lets a picture that is being written come to its end, a moment at most, so that it does not follow the farewell.
static void await_drawing(void) {
    for (int turn = 0; turn < 200 && is_drawing && !pthread_equal(drawer, pthread_self()); turn++) {
        struct timespec moment = {0, 1000000};
        nanosleep(&moment, NULL);
    }
}

static void on_crash(int number) {
    int was_armed = owed.armed;
    crashed = 1;
    await_drawing();
    ccurses_give_back();
    // The former handler, a backtracer perhaps, gets the signal next.
    for (int index = 0; index < CRASHES; index++)
        if (crash_signals[index] == number) sigaction(number, &former_crash[index], NULL);
    raise(number);
    // A signal that was sent, not caused by an instruction, does not come again by itself. The former
    // handler may have changed the modes; the farewell itself would move the cursor into what it wrote.
    if (was_armed) tcsetattr(owed.descriptor, TCSANOW, &owed.modes);
    signal(number, SIG_DFL);
    raise(number);
    _exit(128 + number);
}

static void on_notice(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    int asks_for_the_end = number == SIGTERM || number == SIGHUP || number == SIGINT || number == SIGQUIT;
    int descriptor = asks_for_the_end ? ending_descriptor : notice_descriptor;
    // A full pipe already wakes the reader; nothing is lost that a redraw would not bring back.
    if (descriptor >= 0) { ssize_t ignored = write(descriptor, &byte, 1); (void)ignored; }
    errno = saved;
}

static void set(int number, void (*handler)(int), int flags, struct sigaction *former) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, former);
}

void ccurses_install_signals(int notices, int endings) {
    int again = installed;
    notice_descriptor = notices;
    ending_descriptor = endings;
    for (int index = 0; index < CRASHES; index++)
        set(crash_signals[index], on_crash, SA_ONSTACK | SA_NODEFER, again ? NULL : &former_crash[index]);
    for (int index = 0; index < NOTICES; index++) {
        struct sigaction former;
        set(notice_signals[index], on_notice, SA_RESTART, &former);
        if (!again) former_notice[index] = former;
        // A signal the parent chose to ignore (nohup) stays ignored.
        int number = notice_signals[index];
        if ((number == SIGHUP || number == SIGINT) && former_notice[index].sa_handler == SIG_IGN)
            sigaction(number, &former_notice[index], NULL);
    }
    installed = 1;
}

void ccurses_remove_signals(void) {
    if (!installed) return;
    installed = 0;
    for (int index = 0; index < CRASHES; index++) sigaction(crash_signals[index], &former_crash[index], NULL);
    for (int index = 0; index < NOTICES; index++) sigaction(notice_signals[index], &former_notice[index], NULL);
    notice_descriptor = ending_descriptor = -1;
}

void ccurses_stop(void) {
    struct sigaction ours;
    set(SIGTSTP, SIG_IGN, 0, &ours);
    // The rest of the group first, so that a script around the program stops with it.
    kill(0, SIGTSTP);
    // Then this thread: a signal for the process may reach another thread after the handler is back.
    // This one may have inherited a mask that blocks it.
    sigset_t stop, former;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    set(SIGTSTP, SIG_DFL, 0, NULL);
    pthread_sigmask(SIG_UNBLOCK, &stop, &former);
    raise(SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    sigaction(SIGTSTP, &ours, NULL);
}
