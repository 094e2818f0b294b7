"""The field detector with a group left out of everything that judges it: models, calibration, thresholds and scope."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from field_corpus import Array, FieldLog, Rows
from field_learning import ALARMS, assessor, calibrate_ranks, conformal, fit_models, length_of

from gan_bench.collapse.field import LONG, MIN_ROWS, Assessor
from gan_bench.collapse.field_rules import SIGNS, signs_that_hold
from gan_bench.stats.estimate.intervals import wilson_interval

#: Share of the logs with known outcome, of both corpora, that lie within the scope.
SCOPE = 0.95
#: Rows that long logs are thinned to, to measure the error of short ones; "200" stands for all longer logs.
THINNED = (10, 20, 50, 200)
DRAWS = 60
#: Least probability of a failure if a deciding sign holds: such a log stands before all others.
DECIDED = 0.95


@dataclass(frozen=True)
class Scored:
    """A log with the scores of models that did not see its group, and its distance to known logs."""

    log: FieldLog
    scores: tuple[float, float]
    distance: float


class Nested:
    """Models without each group, and documents whose calibration leaves the group out too."""

    def __init__(self, own: Rows, field: Rows, known: list[FieldLog], own_losses: list[tuple[Array, Array]],
                 own_failed: Array) -> None:  # fmt: skip
        self.known = known
        self.whole = fit_models(own, field)
        self._without = {str(group): fit_models(own, field, [group]) for group in np.unique(field.group)}
        self._assessors = {group: assessor(models) for group, models in self._without.items()}
        self._assessors[""] = assessor(self.whole)
        self._own_held = [(signs_that_hold(d, g), bool(f)) for (d, g), f in zip(own_losses, own_failed, strict=True)]
        inside = [self._assessors[""].distance(values) for values in own.values]
        outside = [self._assessors[""].distance(log.features) for log in known if log.long and not log.decided]
        self.scope = round(float(np.quantile([*inside, *outside], SCOPE)), 4)
        judged = [log for log in known if not log.decided and len(log.d) >= MIN_ROWS]
        self.scored = [self._score(log) for log in judged]
        long = [log for log in judged if len(log.d) >= LONG]
        self.thinned = {n: [self._score(log.thinned(n)) for log in long if len(log.d) >= 2 * n] for n in THINNED}

    def assessor(self, group: str) -> Assessor:
        """Models that did not see a group."""
        return self._assessors.get(group, self._assessors[""])

    def _score(self, log: FieldLog) -> Scored:
        models, values = self.assessor(log.group), log.features
        return Scored(log, models.scores(values), models.distance(values))

    def document(self, group: str | None) -> dict[str, Any]:
        """All that field.json holds, without what a group says; None: the one that ships."""
        models = self.whole if group is None else self._without.get(group, self.whole)
        used = [one for one in self.scored if one.log.group != group]
        ranks = calibrate_ranks(np.array([one.scores for one in used]), np.array([one.log.failed for one in used]))
        reader = assessor({**models, **ranks})
        short = used + [one for one in self.thinned[20] if one.log.group != group]
        sets = {"long": [one for one in used if length_of(one.log) == "long"],
                "short": [one for one in short if length_of(one.log) == "short"]}  # fmt: skip
        fine = {name: [one for one in ones if not one.log.failed] for name, ones in sets.items()}
        return {
            **models,
            **ranks,
            "advertised": ALARMS,
            "signs": self._signs(group),
            "thresholds": {name: conformal(_probabilities(reader, ones)) for name, ones in fine.items()},
            "scope": self.scope,
            "errors": self._errors(group, reader, used),
        }

    def _errors(self, group: str | None, reader: Assessor, used: list[Scored]) -> dict[str, float]:
        """Half widths of the 95 % interval in the logit: change by thinning, and doubt about the calibration."""
        doubt = _calibration_doubt(used)
        whole = {one.log.row["id"]: reader.logit(one.scores) for one in used}
        errors = {}
        for n, ones in self.thinned.items():
            changes = [abs(reader.logit(one.scores) - whole[one.log.row["id"]]) for one in ones
                       if one.log.group != group]  # fmt: skip
            errors[str(n)] = round(float(np.hypot(np.quantile(changes, 0.95), doubt)), 3)
        return errors

    def _signs(self, group: str | None) -> dict[str, Any]:
        """Of each sign: how often it holds and is right on both corpora; "p": probability of a failure if it holds."""
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


def _probabilities(reader: Assessor, ones: list[Scored]) -> Array:
    return np.array([1 / (1 + np.exp(-reader.logit(one.scores))) for one in ones])


def _calibration_doubt(used: list[Scored]) -> float:
    """1.96 standard deviations of the logit when groups of logs are drawn anew; the root mean square over logs."""
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
