#include "ccurses.h"

#include <term.h>

int ccurses_colors(void) { return COLORS; }

int ccurses_color_pairs(void) { return COLOR_PAIRS; }

WINDOW *ccurses_shown(void) { return curscr; }

enum ccurses_type ccurses_look_up(const char *type, int descriptor) {
    int error = 0;
    if (setupterm((char *)type, descriptor, &error) == ERR) return CCURSES_UNKNOWN;
    // A hard copy cannot place the cursor, and neither can a terminal that calls itself dumb.
    enum ccurses_type found = ccurses_capability("cup") ? CCURSES_USABLE : CCURSES_WITHOUT_CURSOR;
    del_curterm(cur_term);
    return found;
}

const char *ccurses_capability(const char *name) {
    const char *value = tigetstr((char *)name);
    return value == (char *)-1 ? NULL : value;
}

int ccurses_cell(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
    // The pair goes through the options: the argument is a short and would end at 32,767.
    return setcchar(cell, text, attributes, 0, &pair);
}

int ccurses_cell_text(const cchar_t *cell, wchar_t text[8], attr_t *attributes, int *pair) {
    short ignored = 0;
    if (getcchar(cell, text, attributes, &ignored, pair) == ERR) return 0;
    return (int)wcslen(text);
}

int ccurses_window_size(int descriptor, int *width, int *height) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return 0;
    *width = size.ws_col;
    *height = size.ws_row;
    return 1;
}
