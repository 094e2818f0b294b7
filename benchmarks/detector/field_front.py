"""docs/detector.md: what the detector can tell, how often it is right, and on whose networks."""

from typing import Any

from field_document import signs_table, table

HEAD = """\
# What loss curves tell about a GAN, and how often it is right

Written by `python benchmarks/detector/train_field.py` together with `gan_bench/collapse/field.json`; do not edit.

`gan-bench detect LOG` gives the probability that a run has failed (collapsed, broken down, diverged, or never learned)
from its two losses, whatever network and loss made them. It was tested on 101 public logs of 30 sources: 50 fine runs,
23 failures, 28 unknown. Each log was judged without its source (of StudioGAN: its model), calibration included.

- **It finds most failures that the curves show**: D's loss near zero with spikes, D fooled, a dead critic, an
  explosion.
- **It cannot see a collapse at healthy losses.** No detector can: two runs with the same curves may have unlike
  samples.
- **It is a screen.** Look at samples before ending a run.

![Probability of a failure of each log](detector_logs.png)

Each dot is a log, judged without its source. Crosses have no probability: too short, or unlike any known log.

![Two runs with equal curves and unlike samples](detector_blind.png)

What no detector of losses can see: two small runs of one loss and data set, with nearly the same curves. One uses all
modes of the data, the other a few.

"""
SHORT_HEAD = [
    *("rows", "logs", "median change of p", "95 % quantile", "median width of the interval", "inside", "out of scope")
]
METHOD = """\
## How it works

1. Signs that need no training come first: a value that is not finite, a loss that stays above 10,000, D's loss above 20
   with G's at zero and the reverse, a critic whose loss stays at zero. Signs count only if they hold at the end.
2. Else two models rank the log among known ones: a logistic regression on the levels of both losses, learned on 579
   small runs, and a forest of 200 extra-trees on 61 features, learned on 38 logs with an MIT or Apache-2.0 licence and
   on their beginnings, labelled by FID. The mean rank becomes a probability, stated for
   logs of which a quarter fail.
3. A loss of D that is often negative belongs to a critic: its level is not read. The name of the loss adds nothing
   else.
4. The threshold is split conformal: a further fine log alarms with a probability of at most 10 %. Logs below 50 rows
   have a threshold of their own, from short logs and long ones thinned to 20 rows. D's outputs have none of their own:
   only two fine logs have them. Logs of the small runs with D's outputs or batch diversity are judged by the models of
   [detector_small_runs.md](detector_small_runs.md).
5. `out_of_scope`: the distance of the features to known logs is above that of 95 % of known logs with as many rows
   (10, 20, 50; the table of short logs counts it). `too_short`: fewer than 10 rows. Neither is an alarm.

About 110 variants of features, models and their combinations were compared on these logs, whose AUROC lay between .61
and .91. The choices were made for simplicity on a plateau, with these logs in view: expect less on others. The third
line of the first table makes the choice anew for each left-out group, on the other groups alone.
In a fold nothing has seen the left-out group: the scores by which its ranks, threshold, interval and scope are set come
from models that saw neither that group nor the group of the scored log.

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
        + "\n## Short logs\n\nLong logs thinned to some rows, evenly spaced, against the same log with all rows; "
        + "each is judged without its source.\n\n"
        + table(SHORT_HEAD, short_rows)
        + "\n## The same detector on the small runs\n\nLosses alone, not named. "
        + "[detector_small_runs.md](detector_small_runs.md) has the models that are made for these.\n\n"
        + table(["left out of the line", "target", "positive/runs", "AUROC", "recall at 10 % false alarms"], small_rows)
        + "\n"
        + METHOD
    )
