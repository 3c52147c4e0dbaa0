"""Sets of hits compared with each other, with known sites and with observed signal."""
