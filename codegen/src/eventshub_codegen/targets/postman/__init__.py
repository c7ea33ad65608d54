"""Target `postman`: a collection and environments."""
