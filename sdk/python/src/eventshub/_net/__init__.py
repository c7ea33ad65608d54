"""What all shells share: limits, headers, and the failures of the libraries they stand on."""
