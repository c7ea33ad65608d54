"""Target `docs`: a reference as a site of static pages."""
