// Gzip: see Documentation/Architecture.md.
