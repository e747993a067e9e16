// PolicyEngine: see Documentation/Architecture.md.
