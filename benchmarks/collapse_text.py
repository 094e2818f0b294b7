"""Text of docs/collapse.md, which benchmarks/collapse_page.py writes."""

ANSWER = """\
# Failures of GAN training, and what their loss curves show

**Can I see from the losses that a training has failed?** Often, but never that it has succeeded. `gan-bench detect
LOG` judges the log of any training. How sure it can be depends on what the log contains:

| the log contains | what can be said |
| --- | --- |
| both losses | a failure is *suspected*, with a probability |
| also D's outputs | a collapse is suspected, and the suspicion is right more often |
| also distances within a minibatch of samples | the suspicion is right most of the time |
| scores of samples (only in a run of a study) | a collapse can be confirmed or ruled out |

Losses cannot prove that a run is healthy, so there is no verdict "healthy". Arora et al. (2017, arXiv 1706.08224) show
that the objective can be near its optimum although the generator makes only a few different images. Most of the runs on
this page without any sign had still failed. Distances within a minibatch do not show that 700 of 1,000 modes are
missing.

The rates on this page are measured on {n} labelled runs of small networks (ring, grid, 8 x 8 digits). {collapse} of
them collapsed, and {healthy} are healthy. Other pages have the rates of the learned detectors:

- [detector_small_runs.md](detector_small_runs.md): the detector of small runs, on data sets that it has not seen;
- [detector.md](detector.md): the field detector, on logs of other projects.

An early verdict is provisional, because runs can recover:

{early}

## How to judge a log

[formats.md](formats.md) lists the formats that `gan-bench detect LOG` reads, and how it first checks the numbers.

- By default, `d_loss` is taken as the sum of D's losses on real and on generated images, without a penalty. If the log
  shows that it is their mean, it is doubled. `--d-loss mean` says so explicitly.
- Use `--penalty-inside` if `d_loss` contains the penalty.
- For a folder the output is a table.
- For a run in progress, `--seen 0.5` says that half of the training is done. The JSON then has a forecast.
- `gan-bench watch` follows a run in progress.

## How a verdict is reached

The first rule that applies gives the verdict; `reason` gives the main evidence in one sentence.

1. A loss is NaN or infinite, or the trainer reported a divergence: **diverged**.
2. Scores of samples show a collapse (see below): **collapse confirmed**. If they rule a collapse out, rule 4 is
   skipped.
3. D's loss is below a tenth of its equilibrium: **D overpowering**. Both are measured from the attainable minimum of
   D's loss with the tricks of the run.
4. The learned detector gives a probability of a half or more: **collapse suspected**. The verdict is **mode hopping
   suspected** if also the changes of the two losses are opposed while neither loss has a trend. A sign of collapse
   decides only if the detector gives no probability.
5. D's loss falls while G's rises (scissors): **D overpowering**. A vanished gradient or flat losses: **generator
   stalled**.
6. The share of samples in a mode is less than half of the share of real images in a mode: **poor quality**.
7. Otherwise **no sign found**. If there is no probability, and no score rules a collapse out: **not judged**.

### What the scores of samples show

- A collapse is confirmed by few modes or classes in use, by a low recall of samples with good precision, or by near
  duplicates.
- It is ruled out only by diversity within classes: coverage of at least 0.75 times the coverage of real images, or
  recall of at least 0.5 times the recall of real images with good precision.
- If coverage is at most 0.4 times the coverage of real images, no other score rules a collapse out.
- Shares of classes never rule a collapse out. They are not used if the classes were given to the generator.

### Logs with losses alone

The field detector judges a log with losses alone. It was tested on logs of other projects
([detector.md](detector.md)). An alarm is a probability above its threshold, or a deciding sign at the end of the log.

- With an alarm, the verdict is **diverged** if a loss is not finite or stays above 10,000. Otherwise it is **failure
  suspected**, unless rule 3 or 5 gives a more precise verdict. A deciding sign overrules **generator stalled**.
- Without an alarm, the verdict is **no sign found**.
- If the log is too short or unlike all known logs, the verdict is **not judged**. Rule 3 still applies.

The deciding signs of the field detector also count for logs with D's outputs and for runs of a study. They do not count
if scores of samples confirm a collapse or rule it out.

## What the failures look like

![Failures and their signals](collapse_types.png)

Each row is one run. The panels show, from left to right:

- both losses; the shaded part starts where the evidence begins;
- two ratios of generated to real images: the spread of D's outputs, and the mean pairwise distance in a minibatch. A
  pairwise distance below the dotted line is a sign of collapse;
- the true share of modes in use, from 512 samples; a run counts as collapsed if it ends below the dashed line;
- the share of each mode among the last samples; the dotted line is an even share.

"""

SIGNS_HEADING = """
The probabilities come from the package's detector. All runs of this table that did not diverge were part of its
training data.

## The textbook signs, and how often they are right

Each row is a sign and the outcome that it predicts (column "of"). Three outcomes are about the last part of training:

- *still*: samples of fixed noise hardly move;
- *hopping*: the samples change their modes, but use only some of them at any time;
- *blind*: nearest neighbours separate samples from real images, but D does not.

The other columns:

- *base rate*: share of the runs with this outcome, among all runs on which the sign can be tested.
- *right alarms*: share of the sign's alarms that are right, with a Wilson 95 % interval. An entry in **bold** is not
  better than the base rate, or at least one in ten healthy runs has an alarm.
- *finds*: share of the runs with this outcome that have an alarm.
- *healthy runs alarmed*: healthy runs with an alarm / healthy runs on which the sign can be tested.
- The last columns have right alarms / alarms for each loss family.

Below the table are, for each sign, what is measured, the threshold of an alarm, and the source. "Corpus of 508 small
runs" means the runs of this page, and further runs on two data sets made from the digits.
"""

END = """
This page is written by `python benchmarks/collapse_page.py --corpus FOLDER`. Edit the script, not the page.
"""
