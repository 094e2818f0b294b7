"""Two networks that play: how they are called, what each minimises, and one step of each."""
