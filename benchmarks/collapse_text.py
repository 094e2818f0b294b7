"""Text of docs/collapse.md, which benchmarks/collapse_page.py writes."""

ANSWER = """\
# Failures of GAN training, and what their loss curves show

**Can I see from the losses that a training has failed?** Often, but never that it has succeeded. `gan-bench detect LOG`
judges the log of any training. How sure it can be depends on what the log contains:

| the log contains | what can be said |
| --- | --- |
| both losses | a failure is *suspected*, with a probability |
| also D's outputs | a collapse is suspected, and the suspicion is right more often |
| also distances within a minibatch of samples | the suspicion is right most of the time |
| scores of samples (only in a run of a study) | a collapse can be confirmed or ruled out |

Losses cannot prove that a run is healthy, so there is no verdict "healthy". Arora et al. (2017, arXiv 1706.08224) show
that the objective can be near its optimum although the generator makes only a few different images. Most of the runs on
this page that show no sign of a failure had failed nevertheless. Distances within a minibatch prove nothing either:
they look normal even if 700 of 1,000 modes are missing.

The rates on this page are measured on {n} labelled runs of small networks (ring, grid, 8 x 8 digits). {collapse} of
them collapsed: at the end they use at most half of the modes, or all their samples are close to each other. {healthy}
are healthy: they use at least 75 % of the modes, with good samples. The others diverged or failed in another way.
`gan_bench/collapse/truth.py` defines these labels. Other pages have the rates of the learned detectors:

- [detector_small_runs.md](detector_small_runs.md): the detector that was trained on small runs, tested on data sets
  that it has not seen;
- [detector.md](detector.md): the field detector for logs with losses alone, tested on logs of other projects.

An early verdict is provisional, because runs can recover:

{early}

## How to judge a log

[formats.md](formats.md) lists the formats that `gan-bench detect LOG` reads, and how it first checks the numbers.

- By default, `d_loss` is taken as the sum of D's losses on real and on generated images, without a penalty. If the log
  shows that `d_loss` is the mean of these two losses, its values are doubled. `--d-loss mean` tells the program that
  `d_loss` is this mean.
- Use `--penalty-inside` if `d_loss` contains the penalty.
- If LOG is a folder, the output is a table of its logs.
- For a run in progress, `--seen 0.5` says that half of the training is done. The output of `--json` then has a forecast
  for the end of training.
- `gan-bench watch` follows a run in progress.

## How a verdict is reached

The rules are tried in this order, and the first one that applies gives the verdict. In the output of `--json`, `reason`
states the main evidence in one sentence.

1. A loss is NaN or infinite, or the trainer reported a divergence: **diverged**.
2. Scores of samples show a collapse (see below): **collapse confirmed**. If the scores rule a collapse out, rule 4 is
   skipped.
3. D's loss is below a tenth of its value at equilibrium: **D overpowering**. Some tricks keep D's loss above zero. Then
   both values are measured from the smallest loss that D can reach.
4. The detector that was trained on small runs gives a collapse a probability of 50 % or more: **collapse suspected**.
   If this detector gives no probability, a sign of collapse or hopping in the table below decides. In both cases the
   verdict changes to **mode hopping suspected** if the two losses change in opposite directions while neither has a
   trend.
5. D's loss falls while G's rises (scissors): **D overpowering**. G's gradient has vanished, or the losses are flat:
   **generator stalled**.
6. The share of samples that lie in any mode of the data is less than half of this share for real images: **poor
   quality**.
7. No other rule applies: **no sign found**. But if the detector gives no probability, and no score rules a collapse
   out, the verdict is **not judged**.

### What the scores of samples show

- Each of these confirms a collapse: at most half of the modes or classes are in use; recall is low although precision
  is good; at least half of the samples are near duplicates of other samples.
- Only diversity within classes rules a collapse out: coverage is at least 0.75 times that of real images, or precision
  is good and recall is at least 0.5 times that of real images.
- If coverage is at most 0.4 times that of real images, recall cannot rule a collapse out.
- Shares of classes can confirm a collapse, but never rule it out. They are not used if the generator was told which
  class to make, or if the classes are not those of the data.

### Logs with losses alone

The field detector judges a log with losses alone. It was tested on logs of other projects ([detector.md](detector.md)).
It raises an alarm if the probability of a failure is above a threshold, or if a deciding sign holds, such as a loss
that stays above 10,000 ([all signs](detector.md#signs)).

- With an alarm, the verdict is **diverged** if a loss is not finite or stays above 10,000. Otherwise rule 3 or 5 gives
  the verdict if it applies, and the verdict is **failure suspected** if neither applies. If a deciding sign holds,
  **failure suspected** also replaces **generator stalled**.
- Without an alarm, the verdict is **no sign found**.
- If the log is too short or unlike all known logs, the verdict is **not judged**, unless rule 3 applies.

The deciding signs of the field detector also count for logs with D's outputs and for runs of a study, unless scores of
samples confirm a collapse or rule it out.

## What the failures look like

![Failures and their signals](collapse_types.png)

Each row is one run. The panels show, from left to right:

- both losses; the shaded part starts where the evidence begins;
- two values of generated images, each divided by its value for real images: the standard deviation of D's outputs, and
  the mean pairwise distance in a minibatch. A pairwise distance below the dotted line is a sign of collapse;
- the true share of modes in use, from 512 samples; a run counts as collapsed if it ends below the dashed line;
- the share of each mode among the last samples; the dotted line is an even share.

"""

SIGNS_HEADING = """
The column "began" has the step at which the evidence for the verdict begins. "Modes in use" is the effective number of
modes of the samples at the end (exp of the entropy of the mode shares), divided by the same number for real images. The
probabilities come from the package's detector. Its training data contain all runs of this table except the diverged
one, so the probabilities are better than those of new runs.

## The textbook signs, and how often they are right

Each row is a sign. The column "of" names the outcome that the sign predicts. Some outcomes are labels of the runs; a
failure is any run that is not healthy. The others describe the last part of training:

- *still*: samples of fixed noise hardly move;
- *hopping*: samples of fixed noise move from mode to mode, but at any time the samples use only some of the modes;
- *blind*: a nearest-neighbour classifier tells samples from real images, but D does not.

The other columns:

- *base rate*: share of the runs with this outcome, among all runs on which the sign can be tested.
- *right alarms*: share of the sign's alarms that are right, with a Wilson 95 % interval. An entry in **bold** belongs
  to a sign that decides no verdict. Either its share of right alarms is not above the base rate, or at least one in ten
  healthy runs has an alarm.
- *finds*: share of the runs with this outcome that have an alarm.
- *healthy runs alarmed*: healthy runs with an alarm / healthy runs on which the sign can be tested.
- The last columns show right alarms / all alarms for each loss family.

The list below the table says for each sign what is measured, at which threshold the sign gives an alarm, and where the
sign comes from. The "corpus of 508 small runs" consists of the runs of this page and of runs on two other data sets
made from the digits.
"""

END = """
This page is written by `python benchmarks/collapse_page.py --corpus FOLDER`. Edit the script, not the page.
"""
