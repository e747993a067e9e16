// Configuration: see Documentation/Architecture.md.
