// AnomalyDetectionTests
