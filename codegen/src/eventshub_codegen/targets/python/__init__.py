"""What all Python targets have in common: names, annotations, classes, text."""
