"""The game between generator and discriminator: their networks, what each minimises, and one step of each."""
