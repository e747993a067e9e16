// VectorStores: see Documentation/Architecture.md.
