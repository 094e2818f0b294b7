"""Text of docs/detector_small_runs.md outside its tables."""

HEAD = """\
# The detector of failures that was trained on small runs

Written by `python benchmarks/detector/train_detector.py --corpus FOLDER` together with
`gan_bench/collapse/detector.json`; do not edit. To train the runs of this suite again, use `snakemake
--snakefile benchmarks/detector/Snakefile --cores N --config study=detector data_dir=FOLDER`.

The corpus has {runs} runs that did not diverge. {perceptrons} are small perceptrons on ring8, grid25, digits,
digits256 and stacked (digits). {suite} are runs of this suite (`config/studies/detector.yaml`;
results/reference/detector): narrow convolutional networks on mnist, stacked_mnist (1,000 modes) and 256 photographs
of sunflowers, and perceptrons trained by the original recipe (plain SGD, one rate for both networks) on these
photographs. {collapse} runs collapsed, {failure} failed, and {healthy} are healthy; `gan_bench/collapse/truth.py`
defines these labels. The shipped models are trained on all runs.

Signals:

- **losses**: only the losses of D and G;
- **losses of unknown scale**: trends and correlations of the losses, for a loss whose FACTS have no "belief" (how
  D's probability follows from G's loss), so that levels mean nothing;
- **+ D outputs**: also mean and spread of D's outputs over the minibatch, and D's accuracy;
- **+ batch diversity**: also pairwise and nearest-neighbour distances, spread, shift of the mean and coverage of a
  batch of samples, relative to a batch of real images.

Every number is measured on runs whose whole group was left out of training:

- "(data set, loss)": six folds. Each fold leaves out one loss of every data set; which one changes from data set
  to data set.
- "loss family": all runs of a loss family are left out.
- "data set": all runs of a data set are left out, with data sets made from the same images (digits256 and stacked with
  digits, stacked_mnist with mnist).

AUROC has a 95 % interval from 1000 bootstraps over (data set, loss) groups. Recall is measured at 10 % false
alarms, over all runs together; in the last two columns, over the runs of that column. The last two columns are AUROC /
recall among the 428 perceptrons on ring8, grid25 and digits, for which the aims were set, and among the runs of this
suite.

No tree or calibration depends on the group on which it is measured; the threshold of a recall is set on the runs that
it is measured on, except in "By loss". But the lists of features and the size
of the forests were chosen by comparing designs on the left-out groups of the perceptrons: about forty designs for
collapse (AUROC of the losses .83 to .91), and about a hundred for failure (AUROC of batch diversity on unseen data
sets .64 to .93). So the numbers of the perceptrons are optimistic, by about .01 for collapse and by an unknown amount
for failure. The runs of this suite were not used for any choice.

Outside "Calibration", a number in **bold** misses its aim, which follows in brackets; some miss it only before
rounding.
"""
OLDER_TEXT = """\
The runs of this suite are judged by models trained only on the perceptrons: without convolutions, without these images
and without logs of this suite. Intervals of AUROC come from a bootstrap over runs, the others are Wilson's. The
calibration is that for unseen data sets among the perceptrons. An answer needs a probability of 80 %; no answer is
withheld for other reasons.

"""
SUBSET_TEXT = """\
The same models get logs with only some of the columns. All runs are judged, each by models trained without its data
set.

"""
LOSS_TEXT = """\
(data set, loss) groups are left out. The threshold is set on the other losses to 10 % false alarms. All intervals
are 95 % intervals: of AUROC from a bootstrap over runs, of shares Wilson's. For each loss the aim is an AUROC of 0.87
from the losses, 0.94 with D's outputs and 0.97 with batch diversity; for weight clipping (wgan) it is 0.78 from the
losses.

"""
ANSWERS_TEXT = """\
An answer is given if the calibrated probability of "yes" or of "no" is at least 80 %. The calibration is fitted to
the other data sets. "AUROC, abstentions tied" counts all runs; runs without an answer count as equal. The last
column, "given", names the answers that the shipped detector gives: those that were right in at least 80 % of at least
20 runs of unseen data sets.

"""
BINS_TEXT = """\
Left-out runs in bins of the calibrated probability (fitted to the other data sets). "Observed" is the share of runs
that had collapsed or failed, with its Wilson 95 % interval. In **bold**: more than .15 from the mean probability.

"""
LABEL_TEXT = """\
How many runs keep their label if it is computed from other checkpoints, or (for the runs of this suite) from another
512 samples of the same generators.

"""
WHY = """\
## What was missed, and why

* *Losses alone* are only a screening test. A collapsed run that hops between modes and a good run can have the same two
  curves. With weight clipping, the scale of the critic's loss depends on the clip, so even the critic's gap between
  real and generated images, divided by its maximum over the run, says little.
* *All runs together* miss aims that the perceptrons alone reach or nearly reach. The aims were set for the perceptrons.
  Of the runs of this suite, two thirds collapse within a few hundred steps. Their curves are short and noisy, batch
  diversity is measured on only 32 images, and no choice was made for them.
* *stacked_mnist*: in 300 to 600 steps none of the 30 runs reaches half of the 365 effective modes that 512 real
  pictures show. By the rule all these runs have collapsed, even runs that were still learning, so there is no AUROC
  within this data set. On mnist 8 of 10 runs with a critic also count as collapsed, after 300 to 450 steps. Longer runs
  would separate collapsed runs from slow ones.
* *Any failure on an unseen data set*, from losses or D's outputs: the difficulty of D's task shifts the level of all
  scores from one data set to the next, so one threshold does not fit a new data set. Batch diversity is a ratio to
  real data, so its threshold does fit. Coverage within a batch and the shift of the mean do not fit and are not used
  for this target. On mnist 26 of 30 runs have failed, mostly after few steps and with blurred digits that are as
  varied as real ones.
* *Early forecasts* are limited because runs recover: of the perceptrons collapsed at 50 %, 29 % recover by the end.
* *Losses of unknown scale*: about half of the information in the losses is their level.
* *256 pictures of digits* (digits256): collapsed runs keep 3 or 4 of 10 classes, with good samples. D's loss ends at 0
  to 32 % of its level in the eight collapsed runs (all non-saturating), and at 3 to 53 % in the twelve minimax runs, of
  which none collapsed. If runs with both loss functions are pooled, the loss curves alone say nothing.
* *1000 modes* (stacked, stacked_mnist): distances within a batch do not see 700 missing modes of 1000. The answer
  "no_collapse" means "nothing like the collapses of small data sets", not that the run is healthy.
* *Calibration* is fitted to the scores of left-out data sets. Counted by their images there are only five, and two of
  them (grid25; digits with digits256 and stacked) have 63 % of the runs. On a new data set, it can be further off than
  the bins show.
"""
