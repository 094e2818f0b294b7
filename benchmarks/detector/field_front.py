"""Text of docs/detector.md: what the detector can find, and how often it is right."""

from typing import Any

from field_document import signs_table, table

HEAD = """\
# Failures that loss curves show, and how often the detector is right

**Can I trust the answer of `gan-bench detect LOG`?** If a log has only the two losses, the field detector judges it.
For a log of at least 10 rows that resembles known logs, it gives the probability that the run has failed: collapsed,
broken down, diverged, or never learned. The network and the loss function may be of any kind.

- **It finds most failures that the curves show**: D's loss near zero with spikes, D fooled, a dead critic, an
  explosion.
- **It cannot see a collapse if the losses look healthy.** No detector of losses can: two runs with the same curves may
  have different samples.
- **It is only a screening test.** Look at samples before ending a run.

It was tested on 101 public logs from 30 sources: 50 of fine runs, 23 of failed runs, 28 with an unknown outcome. Each
log is judged by models and a calibration that were made without the logs of its group. A *group* is all logs of one
source. Only StudioGAN, a source with logs of many GANs, is split: each of its models, such as SAGAN, is a group.

![Probability of a failure of each log](detector_logs.png)

Each dot is a log. Crosses are logs without a probability, because they are too short or unlike any known log.

![Two runs with equal curves and unlike samples](detector_blind.png)

Two small runs with the same loss and data set have nearly the same curves, but one uses all modes of the data, and the
other only a few.

## How to read the tables

- **Alarm**: the probability is above the detector's threshold, or a deciding sign holds (see "How it works").
- **Alarms among fine**: share of the fine logs with an alarm. **Failures found**: share of the failed logs with an
  alarm. A log without a probability counts as a log without an alarm.
- **Intervals** are 95 % intervals. In the first two tables they come from a bootstrap over groups. The other intervals
  are Wilson's.
- **Before**, **now**: the previous detector, and this one.
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

A deciding sign causes an alarm by itself. The other signs are only reported. "3/4 = 0.75": the sign held in 4 logs, and
3 of them had failed. "Finds 3/23": it held in 3 of the 23 failed logs.

"""
SHORT_TEXT = """
## Short logs

How much does the probability p of a failure depend on the number of logged rows? To measure this, long logs were
thinned to evenly spaced rows, and p of each thinned log was compared with p of the full log. "Inside": the interval of
the thinned log contains p of the full log. The intervals are much wider than the changes of p. Most of their width is
uncertainty of the calibration, measured by resampling groups of logs.

"""
SMALL_TEXT = """
## The same detector on the small runs

Here the field detector judges the small runs. It gets only their two loss curves, not the name of the loss function.
The models of [detector_small_runs.md](detector_small_runs.md), which were made for such runs, have a higher AUROC.

"""
METHOD = """\
## How it works

1. **Deciding signs come first.** They need no training. There are five: a NaN or infinite loss; a loss that stays above
   10,000; D's loss above 20 with G's at zero; G's loss above 20 with D's at zero; a critic whose loss stays at zero.
   Except for a NaN or infinite loss, a sign counts only if it holds at the end.
2. **If no such sign holds, two models rank the log among known logs.**
   - The *line* is a logistic regression on the levels of both losses and on the share of negative values of D's loss.
     It is trained on 579 small runs.
   - The *forest* has 200 extra-trees on 55 features. It is trained on 38 logs with an MIT or Apache-2.0 licence. If
     such a log records FID, beginnings of the log are further examples. A beginning counts as failed if FID had broken
     down by then, or if the run never learned.
   - The mean of the two ranks is converted to a probability. The conversion assumes that a quarter of the logs without
     a deciding sign come from failed runs.
3. **For a critic, the levels of the losses are not used.** D counts as a critic if its loss is often negative, or if
   the named loss is a Wasserstein loss. The name of the loss has no other effect on the two models.
4. **The threshold of an alarm is set by split conformal prediction**: a new fine log causes an alarm with a probability
   of at most 10 %. Logs with fewer than 50 rows have their own threshold, from short logs and from long logs thinned to
   20 rows.
5. **Logs that are not judged cause no alarm.** A log with a deciding sign is always judged. Without such a sign, a log
   with fewer than 10 rows is `too_short`. A longer log is `out_of_scope` if its features are farther from the known
   logs than those of 95 % of reference logs. The reference logs depend on the number of rows:
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

About 130 variants of features, models and their combinations were compared on the public logs. Their AUROC was between
.61 and .91. Among variants of similar AUROC, a simple one was chosen. Because the models were chosen on these logs,
expect fewer failures found and more false alarms on other logs. For the last row of the first table, the choice was
made again for each left-out group, from the other groups only.

When a group is left out, nothing that is used to judge it depends on it: the ranks, threshold, interval and scope are
computed from the scores of other logs. Each of these scores comes from models that were trained without two groups. For
example, when group A is judged, a log of group B gets its score from models trained without A and B.

The next table lists the last changes to the detector that were tried. None of them is used, because none finds more
failures. Only one has a higher nested AUROC, the larger rank instead of the mean. This gain is lost if larger rank or
mean is chosen on the other groups.

- "Nested": each log is judged without its group, as in the first table.
- "Screened": only the models were made without the group of the log; the ranks come from all logs. So the AUROC is .02
  too high. Another seed of the forest alone changes the AUROC by up to .01.

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
