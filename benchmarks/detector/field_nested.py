"""Makes field detectors without one group of logs: their models, calibration, thresholds and scope.

A field detector judges logs that have only the losses. Its scope is the set of logs that it judges.
If a group is left out, ranks, thresholds and scope are set from the scores of the other logs. Each of these scores
comes from models that were trained without two groups: the left-out group, and the group of the scored log.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from detector_tables import auroc
from field_corpus import Array, FieldLog, Rows
from field_learning import ALARMS, CHOICES, SHIPPED, Choice, assessor, calibrate_ranks, conformal, fit_models, length_of

from gan_bench.collapse.field import LONG, MIN_ROWS, Assessor
from gan_bench.collapse.field_rules import SIGNS, signs_that_hold
from gan_bench.stats.estimate.intervals import wilson_interval

#: Largest share of known logs that are out of scope (too far from the other logs to be judged).
BEYOND = 0.05
#: Numbers of rows to which long logs are thinned, to measure the error for short logs. The error at 200 rows is used
#: for all longer logs.
THINNED = (10, 20, 50, 200)
DRAWS = 60
#: Smallest probability of a failure if a sign holds that raises an alarm by itself.
DECIDED = 0.95


@dataclass(frozen=True)
class Scored:
    """A log, its scores by models that were trained without its group, and its distance to known logs."""

    log: FieldLog
    scores: tuple[float, float]
    distance: float


class Nested:
    """Makes documents in the form of field.json, each without one group of logs."""

    def __init__(self, own: Rows, field: Rows, known: list[FieldLog], own_losses: list[tuple[Array, Array]],
                 own_failed: Array) -> None:  # fmt: skip
        self._own, self._field, self.known = own, field, known
        self._fitted = frozenset(map(str, np.unique(field.group)))
        self._assessors = dict[tuple[frozenset[str], str], Assessor]()
        self._scores = dict[tuple[str, int, frozenset[str], str], Scored]()
        self._own_held = [(signs_that_hold(d, g), bool(f)) for (d, g), f in zip(own_losses, own_failed, strict=True)]
        self._judged = [log for log in known if not log.decided and len(log.d) >= MIN_ROWS]
        self.whole = {str(log.row["id"]): log for log in self._judged}
        long = [log for log in self._judged if len(log.d) >= LONG]
        self._thinned = {n: [log.thinned(n) for log in long if len(log.d) >= 2 * n] for n in THINNED}

    def _models(self, groups: frozenset[str], forest: str) -> Assessor:
        """Models trained without `groups`; the forest reads the features COLUMNS[forest]."""
        key = groups & self._fitted, forest
        if key not in self._assessors:
            self._assessors[key] = assessor(fit_models(self._own, self._field, sorted(key[0]), forest))
        return self._assessors[key]

    def _score(self, logs: list[FieldLog], group: str | None, choice: Choice) -> list[Scored]:
        """Scores of the logs outside `group`, each from models trained without `group` and without the log's group."""
        scored = []
        for log in logs:
            if log.group == group:
                continue
            without = frozenset({log.group} | ({group} if group is not None else set())) & self._fitted
            key = str(log.row["id"]), len(log.d), without, choice.forest
            if key not in self._scores:
                models, values = self._models(without, choice.forest), log.features
                self._scores[key] = Scored(log, models.scores(values), models.distance(values))
            scored.append(self._scores[key])
        return scored

    def scored(self, group: str | None = None, choice: Choice = SHIPPED) -> list[Scored]:
        return self._score(self._judged, group, choice)

    def thinned(self, group: str | None = None, choice: Choice = SHIPPED) -> dict[int, list[Scored]]:
        return {n: self._score(logs, group, choice) for n, logs in self._thinned.items()}

    def chosen(self, group: str) -> Choice:
        """The choice with the highest AUROC on the logs of the other groups."""

        def area(choice: Choice) -> float:
            ones = self.scored(group, choice)
            failed = np.array([one.log.failed for one in ones], dtype=bool)
            ranks = calibrate_ranks(np.array([one.scores for one in ones]), failed, choice)
            reader = assessor({**ranks, **_NO_MODELS})
            return round(auroc(np.array([reader.logit(one.scores) for one in ones]), failed), 6)

        return max(CHOICES, key=area)

    def document(self, group: str | None, choice: Choice = SHIPPED) -> dict[str, Any]:
        """A document like field.json, made without `group`; with None, the shipped document."""
        models = self._models(frozenset() if group is None else frozenset({group}), choice.forest)
        used, thinned = self.scored(group, choice), self.thinned(group, choice)
        ranks = calibrate_ranks(
            np.array([one.scores for one in used]), np.array([one.log.failed for one in used]), choice
        )
        fitted = {name: models.document[name] for name in ("line", "edges", "trees", "leaf_decimals", "precision_root")}
        reader = assessor({**fitted, **ranks})
        sets = {"long": [one for one in used if length_of(one.log) == "long"],
                "short": [one for one in [*used, *thinned[20]] if length_of(one.log) == "short"]}  # fmt: skip
        fine = {name: [one for one in ones if not one.log.failed] for name, ones in sets.items()}
        return {
            **fitted,
            **ranks,
            "advertised": ALARMS,
            "signs": self._signs(group),
            "thresholds": {name: conformal(_probabilities(reader, ones), ALARMS, 1.0) for name, ones in fine.items()},
            "scope": self._scope(models, sets["long"], thinned),
            "errors": _errors(reader, used, thinned),
        }

    def _scope(self, models: Assessor, long: list[Scored], thinned: dict[int, list[Scored]]) -> dict[str, float]:
        """Number of rows -> largest distance at which a log is judged; it is larger for short, noisier logs."""
        inside = [models.distance(values) for values in self._own.values]
        by_rows = {str(n): np.array([one.distance for one in thinned[n]]) for n in (10, 20)}
        by_rows[str(LONG)] = np.array([*inside, *(one.distance for one in long)])
        return {rows: conformal(distances, BEYOND, float(distances.max())) for rows, distances in by_rows.items()}

    def _signs(self, group: str | None) -> dict[str, Any]:
        """For each sign: "rates", how often it holds and is right on both corpora, and "p", P(failure) if it holds."""
        held = [(signs_that_hold(log.d, log.g), bool(log.failed)) for log in self.known if log.group != group]
        out = {}
        for sign in SIGNS:
            rates = {}
            for corpus, runs in (("field", held), ("small", self._own_held)):
                fired = [failed for signs, failed in runs if sign in signs]
                failures = sum(failed for _, failed in runs)
                rates[corpus] = {"right": sum(fired), "fired": len(fired), "failures": failures, "runs": len(runs)}
            right, fired_all = (sum(rate[key] for rate in rates.values()) for key in ("right", "fired"))
            ends = wilson_interval(right, fired_all)
            p = max((right + 1) / (fired_all + 2), DECIDED) if sign.decides else (right + 1) / (fired_all + 2)
            interval = [0.0, 1.0] if ends is None else [round(ends[0], 4), 1.0]
            out[sign.name] = {"rates": rates, "p": round(p, 4), "interval": interval}
        return out


def _errors(reader: Assessor, used: list[Scored], thinned: dict[int, list[Scored]]) -> dict[str, float]:
    """Number of rows -> half width of the 95 % interval of the logit, from errors of thinning and of calibration."""
    doubt = _calibration_doubt(used)
    whole = {one.log.row["id"]: reader.logit(one.scores) for one in used}
    errors = {}
    for n, ones in thinned.items():
        changes = [abs(reader.logit(one.scores) - whole[one.log.row["id"]]) for one in ones]
        errors[str(n)] = round(float(np.hypot(np.quantile(changes, 0.95), doubt)), 3)
    return errors


def _probabilities(reader: Assessor, ones: list[Scored]) -> Array:
    return np.array([1 / (1 + np.exp(-reader.logit(one.scores))) for one in ones])


def _calibration_doubt(used: list[Scored]) -> float:
    """1.96 times the standard deviation of the logit over resamples of the groups of logs.

    For each resample, the calibration is fitted again. The standard deviation is the root mean square over logs.
    """
    groups = np.unique([one.log.group for one in used])
    members = {g: [one for one in used if one.log.group == g] for g in groups}
    rng, logits = np.random.Generator(np.random.PCG64(0)), []
    for _ in range(DRAWS):
        drawn = [one for g in rng.choice(groups, len(groups)) for one in members[g]]
        failed = np.array([one.log.failed for one in drawn])
        if failed.any() and not failed.all():
            reader = assessor({**calibrate_ranks(np.array([one.scores for one in drawn]), failed), **_NO_MODELS})
            logits.append([reader.logit(one.scores) for one in used])
    return float(1.96 * np.sqrt(np.var(logits, axis=0).mean()))


_NO_MODELS: dict[str, Any] = {"line": {"mean": [0.0], "sd": [1.0], "weights": [0.0], "offset": 0.0}}
