"""Text of docs/detector_small_runs.md outside its tables."""

HEAD = """\
# The detector of failures that was trained on small runs

**How often is the learned detector right?** From the history of a run, it tells whether the run has collapsed, whether
it has failed, and whether it will end collapsed. The tables below count how often this is right on runs that were left
out of its training. It is right most often if the history has batch diversity, and least often from the losses alone.

`gan-bench detect` uses another detector for logs that have only the two losses ([detector.md](detector.md)).

`python benchmarks/detector/train_detector.py --corpus FOLDER` writes this page and `gan_bench/collapse/detector.json`.
Do not edit them. `snakemake --snakefile benchmarks/detector/Snakefile --cores N --config study=detector
data_dir=FOLDER` first trains the runs of this suite again.

## Runs and signals

The corpus has {runs} runs that did not diverge:

- {perceptrons} small perceptrons on ring8, grid25, digits, digits256 (256 pictures of digits), and stacked (1,000
  modes, made from digits);
- {suite} runs of this suite (`config/studies/detector.yaml`; `results/reference/detector`). They are narrow
  convolutional networks on mnist, stacked_mnist (1,000 modes) and 256 photographs of sunflowers, and perceptrons on
  these photographs. The perceptrons use the original recipe: plain SGD, one rate for both networks.

{collapse} runs collapsed. {healthy} runs are healthy; the other {failure} have failed, the collapsed runs among them.
`gan_bench/collapse/truth.py` defines these labels. The shipped models are trained on all runs.

The column "signals" says what a model reads:

- **losses**: only the losses of D and G.
- **losses of unknown scale**: trends and correlations of the losses, but not their levels. This model judges losses
  alone if the loss function is unknown, or if its file does not declare how D's probability follows from G's loss
  ("belief" in FACTS).
- **+ D outputs**: also the mean and spread of D's outputs over the minibatch, and D's accuracy.
- **+ batch diversity**: also distances within a batch of samples (of all pairs and of nearest neighbours), and its
  spread, shift of the mean and coverage. All are relative to a batch of real images.

## How it was measured

The column "left out" says which runs a model was not trained on. Each run is judged by a model that was trained without
the run's group:

- "(data set, loss)": six folds. Each fold leaves out one loss of every data set, but not the same loss of all data
  sets.
- "loss family": a fold leaves out all runs of a loss family.
- "data set": a fold leaves out all runs of a data set and of data sets made from the same images. These are digits with
  digits256 and stacked, and mnist with stacked_mnist.

The first tables have these columns:

- AUROC and recall have 95 % intervals from 1,000 bootstrap samples of the (data set, loss) groups.
- Recall is measured at the threshold with 10 % false alarms.
- The last two columns are AUROC / recall in a part of the runs: the 428 perceptrons on ring8, grid25 and digits, and
  the runs of this suite. The threshold is set again in each part. The aims were set for the perceptrons.
- A number in **bold** misses its aim, which follows in brackets. Some numbers miss it only before rounding.

No tree and no calibration depends on the group on which it is measured. The threshold of a recall is set on the same
runs on which the recall is measured, except in "By loss".

The features and the size of the forests were chosen by comparing designs on the left-out groups of the perceptrons:

- about forty designs for collapse, with AUROC from .83 to .91 (losses);
- about a hundred designs for failure, with AUROC from .64 to .93 (batch diversity, unseen data sets).

So the numbers of the perceptrons are too high: by about .01 for collapse, and by an unknown amount for failure. The
runs of this suite were not used for any choice.
"""
WITHIN_TEXT = """\
AUROC within each data set, from models trained without this data set and without data sets of the same images. In
brackets: runs with the outcome / all runs. "-": all runs have the outcome.

"""
OLDER_TEXT = """\
The runs of this suite are judged by models that were trained only on the perceptrons. These models have seen no
convolutions, none of these images, and no logs of this suite.

- "Positive" runs have the outcome of the column "target".
- Recall is measured at the threshold with 10 % false alarms among the runs of the row.
- Intervals of AUROC come from a bootstrap over runs. The other intervals are Wilson's.
- The probabilities are calibrated on left-out data sets of the perceptrons.
- An answer needs a probability of 80 %. No answer is withheld for other reasons.

"""
SUBSET_TEXT = """\
Here the same models get logs with only some of the columns. Each run is judged by models trained without its data set.

- `lg_real_sd`, `lg_fake_sd` ("sds"): spread of D's outputs on real and on generated images;
- `d_real`, `d_fake` ("means"): mean of these outputs;
- `d_acc`: D's accuracy;
- `div_pair`, `div_nn`, `div_std`, `mean_shift`, `cov_batch`: batch diversity.

"""
LOSS_TEXT = """\
The models were trained without the (data set, loss) group of the judged run. The threshold has 10 % false alarms on the
other losses. All intervals are 95 % intervals: of AUROC from a bootstrap over runs, of shares Wilson's.

For each loss the aim is an AUROC of 0.87 from the losses, 0.94 with D's outputs and 0.97 with batch diversity. For
weight clipping (wgan) the aim is 0.78 from the losses.

"""
ANSWERS_TEXT = """\
The detector answers "yes" or "no" if the calibrated probability of this answer is at least 80 %. The calibration is
fitted to the other data sets.

- "AUROC, abstentions tied" counts all runs. All runs without an answer get the same score.
- "Given" names the answers that the shipped detector gives. At least 20 runs of unseen data sets must have got such an
  answer, and it must have been right for at least 80 % of them.

"""
BINS_TEXT = """\
Left-out runs are sorted into bins by their calibrated probability. The calibration is fitted to the other data sets.
"Observed" is the share of runs in the bin that had collapsed or failed, with its Wilson 95 % interval. In **bold**: the
observed share differs from the mean probability by more than .15.

"""
LABEL_TEXT = """\
A label is computed from the mean of the last three checkpoints. This table counts the runs that keep their label if it
is computed from the last checkpoint, from the last six, or from another 512 samples of the same generators. The other
samples exist only for the runs of this suite. "Became true" counts runs that have the label only in the second
computation.

"""
WHY = """\
## What was missed, and why

* *Losses alone* are only a screening test. A collapsed run that hops between modes and a good run can have the same two
  curves. With weight clipping, the scale of the critic's loss depends on the clip. So even the gap between the critic's
  outputs on real and generated images, divided by its maximum over the run, says little.
* *All runs together* miss aims that the perceptrons alone reach or nearly reach. Of the runs of this suite, two thirds
  collapse within a few hundred steps. Their curves are short and noisy, and batch diversity is measured on only 32
  images.
* *stacked_mnist*: real pictures show 365 effective modes in 512 samples. In 300 to 600 steps, none of the 30 runs
  reaches half of them. So all these runs count as collapsed, even those that were still learning, and there is no AUROC
  within this data set.
* *mnist*: 8 of 10 runs with a critic also count as collapsed, after 300 to 450 steps. Longer runs would separate
  collapsed runs from slow runs.
* *Any failure on an unseen data set*, from losses or D's outputs: D's task is harder on some data sets, and this shifts
  the scores of all their runs. So one threshold does not fit a new data set. Batch diversity is a ratio to real data,
  so its threshold does fit. Coverage within a batch and the shift of the mean do not fit, and are not used for this
  target. On mnist 26 of 30 runs have failed, mostly after few steps and with blurred digits that are as varied as real
  digits.
* *Early forecasts* are limited because runs recover: of the perceptrons that were collapsed at 50 % of training, 29 %
  are no longer collapsed at the end.
* *256 pictures of digits* (digits256): collapsed runs keep 3 or 4 of 10 classes, with good samples. The eight collapsed
  runs are all non-saturating, and D's loss ends at 0 to 32 % of its level. In the twelve minimax runs it ends at 3 to
  53 %, and none collapsed. If runs with both loss functions are pooled, the loss curves alone say nothing.
* *1,000 modes* (stacked, stacked_mnist): distances within a batch do not show that 700 of 1,000 modes are missing. The
  answer "no_collapse" means "nothing like the collapses of small data sets", not that the run is healthy.
* *Calibration* is fitted to the scores of left-out data sets. There are only five groups of data sets with different
  images. Two of them (grid25; digits with digits256 and stacked) have 63 % of the runs. On a new data set, the
  calibration can be further off than the bins show.
"""
