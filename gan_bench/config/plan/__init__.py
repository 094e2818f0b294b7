"""From a study to its plan: variants, overrides, cells with ids and labels, cost, figures to draw."""
