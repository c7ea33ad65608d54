"""Documents in, intermediate representation out; every complaint about a document is a finding."""
