// Operations: see Documentation/Architecture.md.
