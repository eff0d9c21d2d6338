"""Where runs live: the contract and its implementations."""
