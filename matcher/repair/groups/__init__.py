"""Groups that go round after a loss: they go on, and few people change groups."""
