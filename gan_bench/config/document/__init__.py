"""Generated documents: the report of `gan-bench check`, the JSON schema, and the reference of all keys."""
