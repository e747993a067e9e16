// Wide-character ncurses for Swift, and the few things Swift cannot say itself: macros, globals,
// and what must run inside a signal handler.
#ifndef CCURSES_H
#define CCURSES_H

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>
#include <wchar.h>

// Attribute and mouse macros, which Swift does not import.
static const attr_t ccurses_bold = A_BOLD;
static const attr_t ccurses_dim = A_DIM;
static const attr_t ccurses_underline = A_UNDERLINE;
static const attr_t ccurses_reverse = A_REVERSE;
static const mmask_t ccurses_left_pressed = BUTTON1_PRESSED;
static const mmask_t ccurses_middle_pressed = BUTTON2_PRESSED;
static const mmask_t ccurses_right_pressed = BUTTON3_PRESSED;
static const mmask_t ccurses_wheel_up = BUTTON4_PRESSED;
static const mmask_t ccurses_wheel_down = BUTTON5_PRESSED;

// Globals of ncurses, valid for the current screen.
int ccurses_colors(void);
int ccurses_color_pairs(void);
WINDOW *ccurses_shown(void);

// What is known of a terminal type without opening it.
enum ccurses_type { CCURSES_UNKNOWN, CCURSES_WITHOUT_CURSOR, CCURSES_USABLE };
enum ccurses_type ccurses_look_up(const char *type, int descriptor);

// The string capability of a name, or NULL where the terminal has none.
const char *ccurses_capability(const char *name);

// A cell of up to three characters with any colour pair; ERR when ncurses refuses it.
int ccurses_cell(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair);

// The characters of a cell, at most five and a terminating zero; returns how many.
int ccurses_cell_text(const cchar_t *cell, wchar_t text[8], attr_t *attributes, int *pair);

// The size the kernel knows for a terminal; 0 when it is none.
int ccurses_window_size(int descriptor, int *width, int *height);

// How many columns the C library gives a character; -1 for one it cannot print.
int ccurses_width(wchar_t character);

// A pipe that programs started do not inherit; 0 when there is none.
int ccurses_pipe(int ends[2], int is_blocking);

// A file in memory that has no name; -1 when there is none.
int ccurses_nameless_file(void);

// Keeps what a terminal must be given back when the program ends in any way: its modes and a fixed
// string of bytes. Later calls replace earlier ones.
void ccurses_arm(int descriptor, const struct termios *modes, const char *bytes, size_t count);

// Lets giving the terminal back also return standard error and say what `captured`, a file, took from
// `from` on; -1 and -1 end that.
void ccurses_arm_errors(int captured, int former, off_t from);

// Gives the terminal back if it is armed; may be called from a signal handler and more than once.
void ccurses_give_back(void);

// Asks to draw; 0 when a crash signal has come: the terminal is no longer the program's. A crash on another thread
// waits a moment for the end.
int ccurses_begin_drawing(void);
void ccurses_end_drawing(void);

// Forgets what was armed.
void ccurses_disarm(void);

// Lets the crash signals give the terminal back, take their former course and end the program, and
// lets WINCH, CONT and TSTP write their number as one byte to the pipe of notices, and TERM, HUP, INT and QUIT to
// the pipe of endings.
void ccurses_install_signals(int notices, int endings);

// Returns all signals to what they were.
void ccurses_remove_signals(void);

// Stops the process group as Ctrl-z does, and returns when it is continued.
void ccurses_stop(void);

#endif
