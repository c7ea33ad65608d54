"""Rules about what may change between two versions of a document, and for whom."""
