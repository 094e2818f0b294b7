"""Make the tables of a study from its raw tables."""
