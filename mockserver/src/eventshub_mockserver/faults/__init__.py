"""Ways to misbehave, as data: a catalogue, rules that pick from it, and what carries them out."""
