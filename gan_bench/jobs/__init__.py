"""The work of the workflow's rules, one function for each rule."""
