"""Who is told what happens to a run: the contract and its implementations."""
