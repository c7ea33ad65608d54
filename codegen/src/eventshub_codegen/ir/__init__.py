"""What the documents say, in a form that no document format and no target language shines through."""
