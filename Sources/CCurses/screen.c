#include "ccurses.h"

#include <term.h>

int ccurses_colors(void) { return COLORS; }

int ccurses_color_pairs(void) { return COLOR_PAIRS; }

WINDOW *ccurses_shown(void) { return curscr; }

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
