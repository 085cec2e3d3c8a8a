"""The checks behind tools/tidy.py. Each module has `findings(tree, rules)`."""
