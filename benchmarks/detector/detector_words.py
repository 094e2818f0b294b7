"""What docs/detector_small_runs.md says around its tables."""

HEAD = """\
# The detector of failures from loss trajectories

Written by `python benchmarks/detector/train_detector.py --corpus FOLDER` together with
`gan_bench/collapse/detector.json`; do not edit. To train the runs of this suite anew as well: `snakemake --snakefile
benchmarks/detector/Snakefile --cores N --config study=detector data_dir=FOLDER`.

{runs} runs that did not diverge: {perceptrons} of small perceptrons on ring8, grid25, digits, digits256 and
stacked (digits), and {suite} of this suite (`config/studies/detector.yaml`; results/reference/detector): narrow
convolutional pairs on mnist, stacked_mnist (1,000 modes) and 256 photographs of sunflowers, and the original
perceptrons on these. {collapse} collapsed, {failure} failed, {healthy} healthy; `gan_bench/collapse/truth.py` says what
that means. The shipped models are trained on all of them.

Signals: **losses**; **+ D outputs**: mean and spread over the minibatch of D's outputs, and its accuracy; **+ batch
diversity**: also pairwise and nearest-neighbour distances, spread, shift of the mean and coverage of a batch against a
real one. **Losses of unknown scale**: of a loss that declares no "belief"; trends and correlations alone.

Every number is of runs whose whole group was left out of training. "(data set, loss)": six folds, each of which leaves
out one loss of every data set, another one in each. "Data set": left out together with those made of the same images
(digits256 and stacked with digits, stacked_mnist with mnist). AUROC with a 95 % interval from 1000 bootstraps over
(data set, loss) groups; recall at 10 % false alarms, pooled. The last two columns are AUROC / recall among the 428
perceptrons on ring8, grid25 and digits, which the aims were set for, and among this suite's runs.

No tree, threshold or calibration has seen the group it is measured on. But the lists of features and the size of the
forests were chosen by comparing designs on the left-out groups of the perceptrons: about forty for collapse, where the
losses lay at .83 to .91, and about a hundred for failure, where batch diversity on unseen data sets lay at .64 to .93.
These numbers are favourable, by about .01 for collapse and by an unknown amount for failure. This suite's runs took no
part in any choice.

A number in **bold** misses its aim, which stands behind it.
"""
OLDER_TEXT = """\
This suite's runs, asked of models trained on the perceptrons alone, which saw no convolution, no such image and no log
of this suite. Intervals by bootstrap over runs; the calibration is that of unseen data sets among the perceptrons.
Answers at 80 % before any is withheld.

"""
SUBSET_TEXT = """\
The same models with only some columns logged, on unseen data sets, all runs.

"""
LOSS_TEXT = """\
(data set, loss) groups left out; the threshold is set on the other losses to 10 % false alarms. Wilson 95 % intervals.
The aim in every loss is 0.87 / 0.94 / 0.97 by signal, 0.78 for the losses with weight clipping.

"""
ANSWERS_TEXT = """\
An answer is given where the calibrated probability of one side is at least 80 %; the calibration is fitted to the other
data sets. "AUROC, abstentions tied" counts all runs, those without an answer as equals. The shipped detector gives only
those answers ("yes" or "no") that were right in at least 80 % of at least 20 unseen-data-set runs; the last column.

"""
BINS_TEXT = """\
Left-out runs by calibrated probability (fitted to the other data sets), and the share for which it was so with its
Wilson 95 % interval. In **bold**: further than .15 from the mean probability.

"""
LABEL_TEXT = """\
How many runs keep their label when it is read from other checkpoints, and, of this suite's runs, from another 512
samples of the same generators.

"""
WHY = """\
## What was missed, and why

* *Losses alone* are a screen: a collapsed run that hops between modes and a good one can have the same two curves,
  and with weight clipping the critic's scale moves with the clip, so that even the gap over its maximum says little.
* *All runs together* miss aims that the perceptrons alone reach or come nearer to: the aims were set on those, and of
  this suite's runs two thirds are collapsed, in a few hundred steps. Their curves are short and noisy, a batch of
  diversity is of 32 images, and nothing was chosen for them.
* *stacked_mnist*: in 600 steps none of the 30 runs reaches half of the 365 effective modes that 512 real pictures show.
  By the rule all have collapsed, those too that were still learning, so that there is no AUROC inside this data set.
  On mnist 8 of 10 runs with a critic count as collapsed too, after 300 to 450 steps. Longer runs would tell them apart.
* *Any failure on an unseen data set* from losses or D's outputs: how hard D's task is shifts the level of every score
  from one data set to the next; one threshold does not carry over. Batch diversity is a ratio to the real data and does
  carry over, where coverage inside a batch and the shift of the mean do not and are left out of this target. On mnist
  26 of 30 runs have failed, most by few steps and blurred digits that are as varied as real ones.
* *Early forecasts* are limited by the future: of the perceptrons collapsed at 50 %, 29 % recover by the end.
* *Losses of unknown scale*: half of what the losses say is their level.
* *256 pictures of digits* (digits256): collapses keep 3 or 4 of 10 classes, with good samples. D's loss ends at 0 to
  32 % of its level in the eight collapses, all non-saturating, and at 3 to 53 % in the twelve minimax runs, none of
  which collapsed: across both, the losses alone say nothing.
* *1000 modes* (stacked, stacked_mnist): distances inside a batch do not see 700 missing modes of 1000. "no_collapse"
  means "nothing like the collapses of small data sets", not health.
* *Calibration* is fitted to data sets that were left out, five in all, of which two give 63 % of the runs; a new one
  can lie further off than the bins say.
"""
