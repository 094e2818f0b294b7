"""What a loss trajectory says of a failure: published signs, their measured reliability, a verdict with evidence."""
