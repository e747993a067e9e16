// DecisionsTests
