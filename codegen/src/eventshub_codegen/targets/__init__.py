"""What can be generated: one package a target, each with a ``view`` that says which files there are and what is in them."""
