"""Text of docs/detector_small_runs.md outside its tables."""

HEAD = """\
# The detector of failures that was trained on small runs

**How often is the learned detector right?** The detector reads the history of a run. It tells whether the run has
collapsed, whether the run has failed, and whether the run will be collapsed at its end. The tables below show how often
these answers are right for runs that the detector was not trained on. The answers are right most often if the history
has batch diversity (distances within batches of samples), and least often if the history has only the losses.

`gan-bench detect` uses another detector for logs that have only the two losses ([detector.md](detector.md)).

`python benchmarks/detector/train_detector.py --corpus FOLDER` writes this page and `gan_bench/collapse/detector.json`.
Do not edit them. `snakemake --snakefile benchmarks/detector/Snakefile --cores N --config study=detector
data_dir=FOLDER` trains the runs of this suite (see below) again, and then writes the same two files into
`results/detector/detector/`.

## Runs and signals

The corpus has {runs} runs that did not diverge:

- {perceptrons} runs of small perceptrons, from an older corpus, on ring8, grid25, digits, digits256
  (256 pictures of digits), and stacked (1,000 modes, made from digits);
- {suite} runs of this suite, that is, of gan-bench (`config/studies/detector.yaml`; `results/reference/detector`). They
  are narrow convolutional networks on mnist, stacked_mnist (1,000 modes) and 256 photographs of sunflowers, and
  perceptrons on these photographs. The perceptrons on photographs are trained with plain SGD, at the same learning rate
  for both networks.

{healthy} runs are healthy. The other {failure} have failed, and {collapse} of these collapsed.
`gan_bench/collapse/truth.py` defines these labels. The shipped models are trained on all runs.

The column "signals" says what a model reads:

- **losses**: only the losses of D and G.
- **losses of unknown scale**: trends and correlations of the losses, but not their levels. This model takes the place
  of "losses" in two cases: the loss function is unknown, or the fact "belief" is missing in the file of the loss
  function. This fact is the formula that turns G's loss into D's estimate of the probability that generated images are
  real.
- **+ D outputs**: also the mean and spread of D's outputs over the minibatch, and D's accuracy.
- **+ batch diversity**: also values of a batch of samples, relative to a batch of real images. They are distances (of
  all pairs and of nearest neighbours), the spread, the shift of the mean, and coverage.

## How it was measured

The column "left out" says which runs a model was not trained on. Each run is judged by a model that was trained without
the run's group:

- "(data set, loss)": six folds. Each fold leaves out one loss of every data set, and the loss differs between data
  sets. For example, one fold leaves out hinge on mnist and minimax on sunflowers.
- "loss family": a fold leaves out all runs of a loss family. wgan and wgangp are one family.
- "data set": a fold leaves out all runs of a data set and of data sets made from the same images. digits, digits256 and
  stacked are made from the same images, and so are mnist and stacked_mnist.

How to read the first tables:

- AUROC and recall have 95 % intervals from 1,000 bootstrap samples of the (data set, loss) groups.
- Recall is measured at the threshold with 10 % false alarms.
- The last two columns are AUROC / recall in a part of the runs: the 428 perceptrons on ring8, grid25 and digits, and
  the runs of this suite. The threshold is set again in each part.
- Some numbers have an aim. The aims were set before training, for the perceptrons. A number in **bold** misses its aim,
  which follows in brackets. Some numbers miss their aim only before rounding, such as "**0.960** (0.96)".

No tree and no calibration depends on the group on which it is measured. The threshold of a recall is set on the same
runs on which the recall is measured, except in "By loss".

The features and the size of the forests were chosen by comparing designs on the left-out groups of the perceptrons:

- about forty designs for collapse, with an AUROC of .83 to .91 from the losses;
- about a hundred designs for failure, with an AUROC of .64 to .93 from batch diversity on left-out data sets.

So AUROC and recall of the perceptrons are too high: by about .01 for collapse, and by an unknown amount for failure.
The runs of this suite were not used for any choice.
"""
WITHIN_TEXT = """\
The next table has the AUROC within each data set. The models for a data set were trained without it and without data
sets of the same images. In brackets: runs of the data set with the outcome / all its runs. There is no AUROC ("-") if
all runs have the outcome.

"""
OLDER_TEXT = """\
The runs of this suite are judged by models that were trained only on the perceptrons. These models have seen no
convolutions, none of these images, and no logs of this suite.

- "Positive" runs have the outcome of the column "target".
- Recall is measured at the threshold with 10 % false alarms among the runs of the row.
- Intervals of AUROC come from a bootstrap over runs. The other intervals are Wilson's.
- The probabilities are calibrated on left-out data sets of the perceptrons.
- A run gets the answer "yes" or "no" if this answer has a probability of at least 80 %. The shipped detector has a
  second condition (the column "given" in "Answers and abstention"), which is not applied here.

"""
SUBSET_TEXT = """\
Here the models of the first tables get logs with only some of the columns. Each run is judged by models trained without
its data set.

- `lg_real_sd`, `lg_fake_sd` ("sds"): spread of D's outputs on real and on generated images;
- `d_real`, `d_fake` ("means"): mean of these outputs;
- `d_acc`: D's accuracy;
- `div_pair`, `div_nn`, `div_std`, `mean_shift`, `cov_batch`: batch diversity.

"""
LOSS_TEXT = """\
The models were trained without the (data set, loss) group of the judged run. The threshold is the one with 10 % false
alarms on the runs with other losses. All intervals are 95 % intervals. Those of AUROC come from a bootstrap over runs;
those of shares are Wilson's.

For each loss function the aim is an AUROC of 0.87 from the losses, 0.94 with D's outputs and 0.97 with batch diversity.
The only exception is weight clipping (wgan), with an aim of 0.78 from the losses.

"""
ANSWERS_TEXT = """\
The detector answers "yes" or "no" if the calibrated probability of this answer is at least 80 %. The calibration for
a run is fitted to data sets of other images.

- "AUROC, abstentions tied" is computed over all runs. All runs without an answer get the same score, which is between
  "yes" and "no".
- "Given" names the answers that the shipped detector may give. An answer is given only if two conditions hold in the
  rows with left-out data sets: at least 20 runs got this answer, and at least 80 % of these answers are right.

"""
BINS_TEXT = """\
Left-out runs are sorted into bins by their calibrated probability. The calibration for a run is fitted to data sets of
other images. "Observed" is the share of runs in the bin that had collapsed or failed, with its Wilson 95 % interval. In
**bold**: the observed share differs from the mean probability by more than .15.

"""
LABEL_TEXT = """\
A label is computed from values at checkpoints, averaged over the last three checkpoints. This table counts the runs
that keep their label if it is computed in another way: from the last checkpoint, from the last six, or from 512 other
samples of the same generators. These other samples exist only for the runs of this suite. "Became true" counts runs
that have the label only if it is computed in the other way. "Severe" is a collapse to at most a quarter of the modes,
or to very small distances.

"""
WHY = """\
## What was missed, and why

* *Losses alone* are only a screening test. A collapsed run that hops between modes and a good run can have the same two
  curves. With weight clipping, the scale of the critic's loss depends on the clipping bound. So even the gap between
  the critic's outputs on real and generated images, divided by its maximum over the run, says little.
* *All runs together*: some aims are missed that the perceptrons alone reach or nearly reach, because the runs of this
  suite are harder to judge. Two thirds of them collapse within a few hundred steps. Their curves are short and noisy,
  and their batch diversity is measured on only 32 images.
* *stacked_mnist*: 512 real pictures have 365 effective modes (exp of the entropy of the mode shares). In 300 to 600
  steps, none of the 30 runs reaches half of this number. So all 30 runs count as collapsed, even runs that were still
  learning, and there is no AUROC within this data set.
* *mnist*: 8 of 10 runs with a critic also count as collapsed, after 300 to 450 steps. Longer runs would separate
  collapsed runs from slow runs.
* *Any failure on an unseen data set* is hard to see from losses or D's outputs. D's task is harder on some data sets,
  and this shifts the scores of all their runs. So a threshold from other data sets does not fit. The distances and the
  spread in batch diversity are ratios to real data, so their thresholds do fit. Coverage within a batch and the shift
  of the mean depend on the data set, and are not used for this target. On mnist 26 of 30 runs have failed. Most of them
  were trained for few steps, and make blurred digits that are as varied as real digits.
* *Early forecasts* are limited because runs recover: of the perceptrons that were collapsed at 50 % of training, 29 %
  are no longer collapsed at the end.
* *256 pictures of digits* (digits256): collapsed runs keep 3 or 4 of 10 classes, with good samples. The eight collapsed
  runs all have the non-saturating loss, and their D loss ends at 0 to 32 % of its value at equilibrium. The D loss of
  the twelve minimax runs ends at 3 to 53 %, and none of these runs collapsed. So the loss curves alone say nothing if
  the runs of both loss functions are taken together.
* *1,000 modes* (stacked, stacked_mnist): distances within a batch do not show that 700 of 1,000 modes are missing. The
  answer "no" (in the JSON: `no_collapse`) does not mean that the run is healthy. It means only that the history does
  not resemble the histories of collapsed runs in the corpus.
* *Calibration* is fitted to the scores of left-out data sets. There are only five data sets if data sets of the same
  images count as one. Two of the five (grid25; digits with digits256 and stacked) have 63 % of the runs. On a new data
  set, the errors of the probabilities can be larger than the bins show.
"""
