// Console: see Documentation/Architecture.md.
