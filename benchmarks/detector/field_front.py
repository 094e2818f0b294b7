"""Text of docs/detector.md: what the detector can find, and how often it is right."""

from typing import Any

from field_document import signs_table, table

HEAD = """\
# Failures that loss curves show, and how often the detector is right

Written by `python benchmarks/detector/train_field.py` together with `gan_bench/collapse/field.json`; do not edit.

`gan-bench detect LOG` gives the probability that a run has failed (collapsed, broken down, diverged, or never
learned) from its two loss curves, for any network and loss function. It was tested on 101 public logs from 30
sources: 50 of fine runs, 23 of failed runs, 28 with an unknown outcome. "Judged without its source" means that the
models and calibration for a log were made without all logs of the same source (for StudioGAN: of the same model).

- **It finds most failures that the curves show**: D's loss near zero with spikes, D fooled, a dead critic, an
  explosion.
- **It cannot see a collapse if the losses look healthy.** No detector of losses can: two runs with the same curves may
  have different samples.
- **It is only a screening test.** Look at samples before ending a run.

![Probability of a failure of each log](detector_logs.png)

Each dot is a log, judged without its source. Crosses are logs without a probability, because they are too short or
unlike any known log.

![Two runs with equal curves and unlike samples](detector_blind.png)

Two small runs with the same loss and data set have nearly the same curves, but one uses all modes of the data, and the
other only a few. No detector of losses can see this.

"Before" in the first table is the previous detector. "Line" is the logistic regression (see "How it works" below).

"""
SHORT_HEAD = [
    *("rows", "logs", "median change of p", "95 % quantile", "median width of the interval", "inside", "out of scope")
]
SMALL_HEAD = [
    "left out when the logistic regression was trained",
    *("target", "positive/runs", "AUROC", "recall at 10 % false alarms"),
]
METHOD = """\
## How it works

1. Deciding signs come first; they need no training. There are five: a NaN or infinite loss; a loss that stays above
   10,000; D's loss above 20 with G's at zero; G's loss above 20 with D's at zero; a critic whose loss stays at zero.
   Except for a NaN or infinite loss, a sign counts only if it holds at the end.
2. If no such sign holds, two models rank the log among known logs. One is a logistic regression on the levels of both
   losses, trained on 579 small runs. The other is a forest of 200 extra-trees on 55 features. It is trained on 38 logs
   with an MIT or Apache-2.0 licence and on the beginnings of these logs, labelled by FID. The mean rank is converted to
   a probability, which assumes that a quarter of all logs come from failed runs.
3. If D's loss is often negative, or the named loss is a Wasserstein loss, D is a critic, and the levels of the losses
   are not used. Naming the loss has no other effect on these two models; for logs with D's outputs see item 4.
4. The threshold is set by split conformal prediction: a new fine log causes an alarm with a probability of at most 10
   %. Logs with fewer than 50 rows have their own threshold, from short logs and from long logs thinned to 20 rows.
   Logs with D's outputs have no threshold from public logs: only two fine logs have these outputs, and the rule needs
   at least nine. A log with D's outputs gets its probability of a collapse from the models of
   [detector_small_runs.md](detector_small_runs.md) if at least one of these holds: the loss is named, the spread of
   D's outputs is logged, batch diversity is logged. How often these models raise a false alarm is known for small runs
   only. Otherwise D's outputs are not used. Neither of the two fine logs gets an alarm.
5. A log is `out_of_scope` if its features are farther from the known logs than those of 95 % of reference logs. The
   reference logs are known logs thinned to 10 rows (for logs of 10 to 19 rows) or to 20 rows (20 to 49), and known logs
   of at least 50 rows with the small runs (50 or more). The table of short logs shows how many thinned logs are out of
   scope. A log is `too_short` if it has fewer than 10 rows. Neither is an alarm.

About 130 variants of features, models and their combinations were compared on these logs. Their AUROC was between .61
and .91. Among variants of similar AUROC, a simple one was chosen. These logs were used in the choice, so expect fewer
failures found and more false alarms on other logs. The last row of the first table makes the choice again for each
left-out group, using only the other groups.

The table lists the last changes that were tried. None is used: none finds more failures, and the only gain in AUROC is
lost when the choice is made on the other groups. "Nested" means as in the first table. "Screened" means that only the
models were made without the source of a log. In a screening, the ranks come from all logs, including those of the
judged source, so the AUROC is .02 too high. Another seed of the forest alone changes it by .01.

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

In the table of short logs, the intervals are wider than the changes by thinning. Most of their width is uncertainty of
the calibration, measured by resampling groups of logs.

In a fold, nothing depends on the left-out group. Its ranks, threshold, interval and scope come from scores of other
logs, and each such score comes from models trained without the left-out group and without the group of the scored log.

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
        + "\n## Signs\n\n"
        + signs_table(document)
        + "\n## Short logs\n\nLong logs were thinned to evenly spaced rows and compared with the same log with all "
        + 'rows. Each log is judged without its source. "Inside": the interval of the thinned log contains the '
        + "probability of the full log.\n\n"
        + table(SHORT_HEAD, short_rows)
        + "\n## The same detector on the small runs\n\n"
        + "The detector gets only the two loss curves, not the name of the loss function.\n"
        + "[detector_small_runs.md](detector_small_runs.md) describes the models that were made for small runs.\n\n"
        + table(SMALL_HEAD, small_rows)
        + "\n"
        + METHOD
    )
