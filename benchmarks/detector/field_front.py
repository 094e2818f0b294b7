"""Text of docs/detector.md: what the detector can find, and how often it is right."""

from typing import Any

from field_document import signs_table, table

HEAD = """\
# Failures that loss curves show, and how often the detector is right

**Can I trust the answer of `gan-bench detect LOG`?** This page tests the answer for logs that have only the losses of D
and G. The *field detector* judges such logs. It gives the probability that the run has failed. A failed run has
collapsed, has broken down (its FID became much worse and stayed so), has diverged, or has never learned. A log gets a
probability if it has at least 10 rows and resembles the logs from which the detector was made. A log with a deciding
sign (see "How it works") always gets one. The network and the loss function may be of any kind.

- **It finds most failures that the curves show**: a loss of D that is near zero with spikes, a fooled D, a critic whose
  loss stays at zero, losses that explode.
- **It cannot see a collapse if the losses look healthy.** No detector that reads only losses can, because two runs with
  the same curves may have different samples.
- **It is only a screening test.** Look at samples before you stop a run.

The detector was tested on 101 public logs from 30 sources: 50 of fine runs, 23 of failed runs, 28 with an unknown
outcome. Each log is judged by models and a calibration that were made without the logs of its group. A *group* is all
logs of one source. Only StudioGAN, a source with logs of many GANs, is split: each of its models, such as SAGAN, is a
group.

![Probability of a failure of each log](detector_logs.png)

Each dot or cross is a log. A cross is a log without a probability: it is too short, or unlike all logs with a known
outcome.

![Two runs with equal curves and unlike samples](detector_blind.png)

The picture shows two small runs with the same loss and data set. Their curves are nearly the same. But the samples of
one run cover all modes of the data, and those of the other run only a few.

## How to read the tables

- **Alarm**: the probability is above the detector's threshold, or a deciding sign holds (see "How it works").
- **Alarms among fine**: share of the fine logs with an alarm. **Failures found**: share of the failed logs with an
  alarm. A log without a probability counts as a log without an alarm.
- **Intervals** in square brackets are 95 % intervals. In the first two tables they come from a bootstrap over groups.
  Elsewhere they are Wilson's.
- **Before**, **now**: the previous detector, and this detector.
- **Line**, **forest**: the two models of the detector (see "How it works").
- **Loss named**: the detector was told which loss function the run used.

`python benchmarks/detector/train_field.py` writes this page and `gan_bench/collapse/field.json`. Do not edit them.

"""
SHORT_HEAD = [
    *("rows", "logs", "median change of p", "95 % quantile", "median width of the interval", "inside", "out of scope")
]
SMALL_HEAD = [
    "left out when the logistic regression was trained",
    *("target", "positive/runs", "AUROC", "recall at 10 % false alarms"),
]
SIGNS_TEXT = """
## Signs

A deciding sign causes an alarm by itself. The other signs are only reported. "3/4 = 0.75" means that the sign held in 4
logs, of which 3 are logs of failed runs. "Finds 3/23" means that the sign held in 3 of the 23 logs of failed runs.

"""
SHORT_TEXT = """
## Short logs

How much does the probability p of a failure depend on the number of logged rows? To measure this, long logs were
thinned to evenly spaced rows, and p of each thinned log was compared with p of the full log. The column "inside" counts
the thinned logs whose interval for p contains p of the full log. The intervals are much wider than the changes of p,
mainly because the calibration is uncertain. This uncertainty is measured by resampling groups of logs.

"""
SMALL_TEXT = """
## The same detector on the small runs

Here the field detector judges the 579 small runs of [detector_small_runs.md](detector_small_runs.md). It gets only
their two loss curves, not the name of the loss function. The models of that page were made for such runs, and have a
higher AUROC. "Positive" runs have the outcome of the column "target".

"""
METHOD = """\
## How it works

1. **Deciding signs come first.** They need no training. There are five: a NaN or infinite loss; a loss that stays above
   10,000; D's loss above 20 with G's at zero; G's loss above 20 with D's at zero; a critic whose loss stays at zero. A
   NaN or infinite loss counts anywhere in the log. The other four signs count only if they hold in the last 30 % of the
   rows.
2. **If no such sign holds, two models rank the log among the known logs**, which are the logs with a known outcome.
   - The *line* is a logistic regression on the levels of both losses and on the share of negative values of D's loss.
     It is trained on 579 small runs.
   - The *forest* has 200 extra-trees on 55 features. It is trained on 38 logs with an MIT or Apache-2.0 licence. If
     such a log records FID, some beginnings of the log (its first k rows) are further examples. A beginning counts as
     failed if FID had broken down by its last row, or if the run never learned.
   - The mean of the two ranks is converted to a probability. The conversion assumes that a quarter of the logs without
     a deciding sign come from failed runs.
3. **For a critic, the levels of the losses are not used.** D counts as a critic if its loss is often negative, or if
   the named loss is a Wasserstein loss. The name of the loss has no other effect on the two models.
4. **The threshold of an alarm is set by split conformal prediction**: a new fine log causes an alarm with a probability
   of at most 10 %. Logs with fewer than 50 rows have a separate threshold, which is set with short logs and with long
   logs thinned to 20 rows.
5. **Logs that are not judged cause no alarm.** A log with a deciding sign is always judged. Without such a sign, a log
   with fewer than 10 rows is `too_short`. For a longer log, the distance of its features from those of the training
   data of both models is computed. The log is `out_of_scope` if this distance is larger than that of 95 % of the
   reference logs. Which logs are the reference depends on the number of rows:
   - 10 to 19 rows: known logs thinned to 10 rows;
   - 20 to 49 rows: known logs thinned to 20 rows;
   - 50 rows or more: known logs of at least 50 rows, and the small runs.

### Logs with D's outputs

No threshold could be set for public logs with D's outputs: only two fine logs have such outputs, and split conformal
prediction at 10 % needs at least nine. The models of [detector_small_runs.md](detector_small_runs.md) give such a log
its probability of a collapse if at least one of these holds:

- the loss is named;
- the spread of D's outputs is logged;
- batch diversity is logged.

If none of the three holds, the log is judged from its losses alone. How often the models of small runs raise a false
alarm was measured only on small runs. Neither of the two fine logs gets an alarm.

### How the models were chosen

About 130 variants of the detector were compared on the public logs. They differ in their features, their models, or the
combination of their models. Their AUROC was between .61 and .91. Among variants of similar AUROC, a simple one was
chosen. Because the models were chosen on these logs, expect fewer failures found and more false alarms on other logs.
For the last row of the first table, one part of the choice was made again for each left-out group, on the other groups
alone: the combination of the two models.

When the logs of a group are judged, everything that is fitted or calibrated is made without these logs. Only the choice
of features and models used them. Ranks, threshold and interval are computed from the scores of the other logs, and the
scope from the distances of their features. Each of these scores and distances comes from models that were trained
without two groups: the judged group, and the group of the other log. For example, when group A is judged, a log of
group B gets its score from models trained without A and B.

The next table lists the changes to the detector that were tried last. None of them is used, because none finds more
failures. Only one change has a higher nested AUROC: the larger of the two ranks, instead of their mean. This gain is
lost if the choice between larger rank and mean is made on the other groups.

- "Nested": each log is judged without its group, as in the first table.
- "Screened": only the models were made without the group of the log; the ranks come from all logs. This makes the AUROC
  .02 too high. If only the seed of the forest changes, the AUROC changes by up to .01.

| change | judged | AUROC | alarms among fine | failures found |
| --- | --- | --- | --- | --- |
| none | nested | 0.884 | 4/50 | 16/23 |
| three models: logistic regression on all features, fitted to small runs and public logs; \
forest on features without levels; logistic regression on levels | nested | 0.836 | 4/50 | 15/23 |
| the same, with the forest on all features | nested | 0.868 | 4/50 | 15/23 |
| line on levels fitted to small runs and public logs | nested | 0.868 | 4/50 | 15/23 |
| larger rank of both models instead of the mean | nested | 0.897 | 4/50 | 15/23 |
| larger rank or mean, chosen on the other groups | nested | 0.858 | 4/50 | 15/23 |
| short logs ranked among short logs | nested | 0.884 | 4/50 | 16/23 |
| none | screened | 0.903 | 3/50 | 16/23 |
| none, forest with two other seeds | screened | 0.894, 0.901 | 3/50, 4/50 | 16/23, 16/23 |
| ten more features: change points and changes of the spread | screened | 0.903 | 3/50 | 16/23 |
| forest also fitted to logs thinned to 15 and 25 rows | screened | 0.897 | 3/50 | 16/23 |
| beginnings of logs weigh as much as whole logs | screened | 0.901 | 3/50 | 16/23 |
| all sources weigh the same | screened | 0.902 | 3/50 | 16/23 |
| forest without beginnings of logs | screened | 0.881 | 3/50 | 16/23 |
| forest also fitted to small runs | screened | 0.889 | 4/50 | 15/23 |
"""


def front(document: dict[str, Any], tables: str, small: list[dict[str, Any]], short: list[dict[str, Any]]) -> str:
    small_rows = [[row["left out"].replace("group", "(data set, loss)").replace("images", "data set"), row["target"],
                   f"{row['positive']}/{row['n']}", f"{row['auroc']:.3f}", f"{row['recall']:.3f}"]
                  for row in small]  # fmt: skip
    short_rows = [[str(row["rows"]), str(row["logs"]), f"{row['moved']:.2f}", f"{row['moved_95']:.2f}",
                   f"{row['width']:.2f}", f"{row['inside']}/{row['logs']}", f"{row['beyond']}/{row['logs']}"]
                  for row in short]  # fmt: skip
    return (
        HEAD
        + tables
        + SIGNS_TEXT
        + signs_table(document)
        + SHORT_TEXT
        + table(SHORT_HEAD, short_rows)
        + SMALL_TEXT
        + table(SMALL_HEAD, small_rows)
        + "\n"
        + METHOD
    )
