// DecisionLogsTests
