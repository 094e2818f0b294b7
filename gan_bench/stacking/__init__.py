"""Stacking: many runs are trained as one batch of networks, with bit-identical results to single runs.

docs/stacking.md explains why the bits agree. Only gan_bench.jobs.together imports this folder, for the job runner and
the planner; the training code does not import it. Without the folder, each run trains alone, with the same results. The
modules:

    family    which runs may share a stack: those that differ only in seeds and in numeric optimizer settings
    rules     which runs can be stacked exactly, and for which of them a stack is faster
    plan      which chunks (seeds of a cell) one job trains together in one stack
    job       trains the runs that are missing in the store, in a stack
    training  trains many runs, from settings to files (gan_bench.train.run: one run)
    stack     the training loop of many runs (gan_bench.train.loop: of one run)
    draws     random numbers and minibatches of all runs
    signals   the signals of a log point of all runs (gan_bench.train.signals: of one run)
    step      one step of each player for all runs (gan_bench.game.step: for one run)
    player    parameters, buffers and optimizers of all runs
    graph     traces a function of one run and turns it into a function of all runs
    call      one operation of a traced function, and how its stacked form is compared with calls for single runs
    ops       for each operation, a form on stacked tensors that has the same bits as single runs
    replay    repeats the traced operations in each step, with results in the same memory each time

Besides documented functions of PyTorch, the modules use these private or undocumented names, which a PyTorch update may
change:

    torch.fx.experimental.proxy_tensor.make_fx        graph: traces a step with its gradients
    torch.utils._pytree                               graph, call, replay: nested lists and dictionaries of tensors
    torch.ops.aten; `_schema`, `tags`, `overloadpacket` of its operations      graph, call, ops, replay
    torch._foreach_copy_, torch._fused_adam_          player: copies tensors; makes a step of Adam

In the first step of a stack, its gradients and stats are compared bit for bit with those of each run alone. If a bit
differs or an error is raised, the runs train alone. Steps of Adam are not compared before a training. The tests in
tests/stacking compare them.
"""
