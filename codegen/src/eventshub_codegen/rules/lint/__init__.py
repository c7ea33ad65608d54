"""What `lint` finds: the rules, what they look at, what people and programs are shown."""
