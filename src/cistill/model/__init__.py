"""The network, its losses, metrics, training and checkpoints."""
