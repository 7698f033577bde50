"""Co-design of analog in-memory computing circuits and the networks that run on them."""
