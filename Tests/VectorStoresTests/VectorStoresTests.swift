// VectorStoresTests
