"""Target `markdown`: a reference as one file, and `llms.txt`."""
