// VectorIndex: see Documentation/Architecture.md.
