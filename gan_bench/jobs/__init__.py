"""What each rule of the workflow does: one function a rule, callable by hand."""
