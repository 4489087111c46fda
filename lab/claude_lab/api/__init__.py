"""A mock of the Messages API that plays written answers."""
