"""The box that sequences are pasted into."""
