// PolicyEngineTests
