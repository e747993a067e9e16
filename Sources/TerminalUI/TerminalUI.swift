// TerminalUI: see Documentation/Architecture.md.
