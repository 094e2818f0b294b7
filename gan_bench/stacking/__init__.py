"""Stacking: many runs trained as one, with the bits of single runs. docs/stacking.md says why the bits agree.

Only gan_bench.jobs.together imports this folder, for the job runner and the planner; the training code does not.
Without the folder every run trains alone, with the same bits. The modules, bottom up:

    family    which runs may share a stack: those that differ only in seeds and in numbers of their optimizers
    rules     which runs can be stacked exactly, and for which it is faster
    plan      which chunks of a study one job trains in one stack
    job       the runs that the store lacks, trained in a stack
    training  runs from their settings to their files, as gan_bench.train.run does for one run
    stack     the training loop of a stack, as gan_bench.train.loop is that of one run
    draws     random numbers and minibatches of all runs
    signals   the signals of a log point for all runs, as gan_bench.train.signals for one run
    step      one step of each player for all runs, as gan_bench.game.step for one run
    player    parameters, buffers and optimizers of all runs
    graph     a function of one run, traced and turned into one of all runs
    call      one operation of such a function: tried on all runs, compared with single calls
    ops       rules for operations: which form is exact on stacked tensors
    replay    results written to memory that is kept from step to step

Besides documented PyTorch it uses these private or undocumented names; a PyTorch update may change them:

    torch.fx.experimental.proxy_tensor.make_fx        graph: traces a step with its gradients
    torch.utils._pytree                               graph, call, replay: nested lists and dictionaries of tensors
    torch.ops.aten; `_schema`, `tags`, `overloadpacket` of its operations      graph, call, ops, replay
    torch._foreach_copy_, torch._fused_adam_          player: copies of buffers; one step of Adam

If an update changes one of them, the stack notices: before its first step it is compared bit for bit with single steps
of each run, and where they differ the runs train alone.
"""
