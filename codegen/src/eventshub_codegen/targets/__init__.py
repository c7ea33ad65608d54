"""What can be generated: one package a target, each with a ``view`` that says what is in which file."""
