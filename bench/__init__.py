"""What the docs claim, measured: ``python -m bench`` prints each figure beside its bound."""
