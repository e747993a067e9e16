// AnomalyDetection: see Documentation/Architecture.md.
