"""Makes the plan of a study: variants, overrides, cells with ids and labels, costs, figures to draw."""
