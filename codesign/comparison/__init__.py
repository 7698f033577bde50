"""Model against circuit, on the same weights and inputs: errors, figures, report."""
