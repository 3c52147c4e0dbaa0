"""DNA as codes, letters and matrices."""
