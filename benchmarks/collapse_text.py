"""Text of docs/collapse.md, which benchmarks/collapse_page.py writes."""

ANSWER = """\
# Failures of GAN training, and what their loss curves show

**Can I see from the losses that a training has failed?** Often, but never that it has succeeded. `gan-bench detect
LOG` judges the log of any training. How sure it can be depends on what the log contains:

| the log contains | what can be said |
| --- | --- |
| both losses | a collapse is *suspected*, with a probability |
| also D's outputs | the suspicion is right more often |
| also distances within a minibatch of samples | the suspicion is right most of the time |
| scores of samples | a collapse is confirmed or refuted; scores overrule everything else |

Losses cannot prove that a run is healthy, so there is no verdict "healthy". Arora et al. (2017, arXiv 1706.08224) show
that the objective can be near its optimum although the generator makes only a few different images. Most of the runs on
this page without any sign had still failed. Distances within a minibatch do not show that 700 of 1,000 modes are
missing.

The rates on this page are measured on {n} labelled runs of small networks (ring, grid, 8 x 8 digits). {collapse} of
them collapsed, and {healthy} are healthy. Other pages have the rates of the learned detectors:
[detector_small_runs.md](detector_small_runs.md) for small runs on unseen data, [detector.md](detector.md) for logs of
other projects.

An early verdict is provisional, because runs can recover:

{early}

## How to judge a log

[formats.md](formats.md) lists the formats that `gan-bench detect LOG` reads, and how it first checks the numbers. The
command takes `d_loss` as the sum of D's losses on real and on generated images, without a penalty. Use `--d-loss mean`
if it is their mean, and `--penalty-inside` if `d_loss` contains the penalty. For a folder the output is a table. For a
run in progress, `--seen 0.5` (half of the training is done) gives a forecast, and `gan-bench watch` follows the run.

## How a verdict is reached

The first rule that applies gives the verdict; `reason` gives the main evidence in one sentence.

1. A loss is NaN or infinite: **diverged**, with the step.
2. Scores of samples, if there are any:
   - **collapse confirmed** by few modes or classes in use, by a low recall of good samples, or by near duplicates;
   - a collapse is ruled out only by diversity within classes: coverage of at least 0.75 times the coverage of real
     images, or recall of good samples of at least 0.5 times the recall of real images. Then rule 4 is skipped;
   - if coverage is at most 0.4 times the coverage of real images, no other score rules a collapse out;
   - shares of classes never rule a collapse out. They are not used if the classes were given to the generator.
3. D's loss is below a tenth of its equilibrium: **D overpowering**. Both are measured relative to the attainable
   minimum of D's loss with the tricks of the run.
4. The learned detector gives a probability of a half or more: **collapse suspected**, or **mode hopping suspected** if
   also the changes of the losses are opposed while neither loss has a trend. A sign of collapse decides only if the
   detector gives no probability.
5. Scissors (D's loss falls while G's rises): **D overpowering**. A vanished gradient or flat losses: **generator
   stalled**.
6. The share of samples in a mode is less than half of the share of real images in a mode: **poor quality**.
7. Otherwise **no sign found**, or **not judged** if there is no probability.

A log with losses alone is judged by another detector, the field detector, which was tested on logs of other projects
([detector.md](detector.md)). Its verdict is **failure suspected** if the probability is above its threshold, or if a
deciding sign holds at the end; **diverged** if a loss stays above 10,000; and **not judged** if the log is too short or
unlike all known logs. Its deciding signs also count for logs with D's outputs and for runs of a study, unless scores of
samples decide.

## What the failures look like

![Failures and their signals](collapse_types.png)

Each row is one run. The panels show, from left to right:

- both losses; the shaded part starts where the evidence begins;
- two ratios of generated to real images: the spread of D's outputs, and the mean pairwise distance in a minibatch. A
  pairwise distance below the dotted line is a sign of collapse;
- the true share of modes in use, from 512 samples; below the dashed line the run counts as collapsed;
- the share of each mode among the last samples; the dotted line is an even share.

"""

SIGNS_HEADING = """
The probabilities come from the package's detector. These runs were part of its training data.

## The textbook signs, and how often they are right

A sign predicts the outcome in column "of". "Right alarms" is the share of its alarms that are right, with a Wilson 95 %
interval. An entry in **bold** is not better than the base rate, or at least one in ten healthy runs has an alarm.
"Finds" is the share of runs with this outcome that have an alarm. The last columns have right alarms / alarms for each
loss family. Below the table are, for each sign, what is measured, the
threshold of an alarm, and the source.
"""

END = """
This page is written by `python benchmarks/collapse_page.py --corpus FOLDER`. Edit the script, not the page.
"""
