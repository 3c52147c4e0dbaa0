"""The card at the top: what the factor reads, where, how strongly, how sure, and what to be careful with."""
