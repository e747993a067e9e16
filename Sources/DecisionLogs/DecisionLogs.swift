// DecisionLogs: see Documentation/Architecture.md.
