// CursesTerminal: see Documentation/Architecture.md.
