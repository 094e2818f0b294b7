"""Text of docs/collapse.md, which benchmarks/collapse_page.py writes."""

ANSWER = """\
# Failures of GAN training, and what their loss curves show

**Can I see from the losses that a training has failed?** Often, but never that it has succeeded. `gan-bench detect
LOG` judges the log of any training. How sure it can be depends on what the log contains:

| the log contains | what can be said |
| --- | --- |
| both losses | a collapse is *suspected*, with a probability |
| D's outputs too | the suspicion is more often right |
| distances within a minibatch of samples too | it is right most of the time |
| scores of samples | a collapse is confirmed or refuted; scores overrule everything else |

Losses cannot certify health, so there is no verdict "healthy". Arora et al. (2017, arXiv 1706.08224) show that the
objective can be near its optimum although the generator makes only a few different images. Most of the runs below
that show no sign had failed. Distances within a minibatch do not see that 700 of 1,000 modes are missing.

The rates on this page are of {n} labelled runs of small networks (ring, grid, 8 x 8 digits): {collapse} collapsed,
{healthy} are healthy. Rates of the learned detector are on other pages: on other data in
[detector_small_runs.md](detector_small_runs.md), on other people's logs in [detector.md](detector.md).

An early verdict is provisional:

{early}

## How to judge a log

[formats.md](formats.md) lists the formats that `gan-bench detect LOG` reads, and how it checks the numbers first. It
takes `d_loss` as the sum of D's two halves without a penalty. Use `--d-loss mean` for a mean of the halves, and
`--penalty-inside` if `d_loss` contains the penalty. For a folder the answer is a table. For a run in progress,
`--seen 0.5` gives a forecast, and `gan-bench watch` follows the run.

## How a verdict is reached

The first rule that applies decides; `reason` in the verdict is its sentence.

1. A loss or output is not finite: **diverged**, with the step.
2. Scores of samples, if there are any:
   - **collapse confirmed** by few modes or classes in use, by a low recall of good samples, or by near duplicates;
   - a collapse is ruled out only by diversity within classes: coverage of at least 0.75 of that of real images, or
     recall of good samples of at least 0.5 of that of real images;
   - nothing rules it out at a coverage of 0.4 or less;
   - shares of classes never rule it out, and are not read for a generator that is given classes.
3. D's loss is below a tenth of its equilibrium: **D overpowering**. Both values are measured from D's attainable
   minimum under the run's tricks.
4. The learned detector gives a probability of a half or more: **collapse suspected**. If also the losses oppose each
   other in a band: **mode hopping suspected**. A rule for a collapse decides only if the detector has no probability.
5. Scissors (D's loss falls while G's rises): **D overpowering**. A vanished gradient or flat losses: **generator
   stalled**.
6. Fewer than half as many samples in a mode as of real images: **poor quality**.
7. Otherwise **no sign found**, or **not judged** if there is no probability.

A log with losses alone is judged by another detector, which was tested on other people's logs
([detector.md](detector.md)). It answers **failure suspected** above its threshold, or if a sign still holds at the
end; **diverged** if a loss stays above 10,000; and **not judged** if the log is too short or unlike all known logs.
The signs that decide by themselves also count for logs with D's outputs and for a study's runs. Scores of samples
overrule them.

## What the failures look like

![Failures and their signals](collapse_types.png)

Each row is one run. The panels show, from left to right:

- both losses, shaded from the start of the evidence;
- two ratios of generated to real images: the spread of D's outputs, and the mean pairwise distance in a minibatch;
  values below the dotted line are a sign;
- the truth from 512 samples: modes in use; below the dashed line the run counts as collapsed;
- the share of each mode among the last samples; the dotted line is an even share.

"""

SIGNS_HEADING = """
The detector of the package gave the probabilities. These runs were among its training data.

## The textbook signs, and how often they are right

"Right alarms" are the share of alarms that are right, with Wilson 95 % intervals, for the outcome in column "of".
They are in **bold** if they are not better than the base rate, or if the sign alarms one healthy run in ten.
"""

END = """
This page is written by `python benchmarks/collapse_page.py --corpus FOLDER`. Edit the script, not the page.
"""
