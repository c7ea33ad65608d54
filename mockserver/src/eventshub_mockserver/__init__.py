"""A spec-conformant Events Hub to develop and test against."""
