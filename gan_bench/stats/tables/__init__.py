"""Make the tables that people read from the raw tables of a study."""
