"""The game between generator and discriminator: their networks, their objectives, and one step of each."""
