include: "workflow/Snakefile"


# An include drops the default target of the included file.
workflow.default_target = "all"
