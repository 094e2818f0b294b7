"""Functions that the workflow's rules call. They return paths, settings and digests, and do not import torch."""

import functools
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gan_bench import bits, data, log_to
from gan_bench.config.load import load_study
from gan_bench.config.plan.cells import cell_id
from gan_bench.config.plan.grid import Plan, expand
from gan_bench.config.plan.part import part_of
from gan_bench.config.plan.protocol import extractors_of, scoring_protocol
from gan_bench.config.plan.trials import FIRST_TRIAL_CHUNK, stage_file
from gan_bench.config.workflow import checked_config
from gan_bench.files import canonical_json, digest_of
from gan_bench.jobs.together import may_stack, stacks
from gan_bench.provenance import page_digest, stage_digest, train_parts, train_stage
from gan_bench.registry import component, extractor_id, stem
from gan_bench.search.proposals import require_sampler


class Lookups:
    """The study named in a workflow configuration, and the values that the workflow's rules need.

    A record is the JSON file that a job writes about its results, such as chunk0.train.json.
    """

    #: Methods that depend only on wildcards and are called for each job. workflow/rules/common.smk makes them faster.
    LOOKUPS = (
        *("cell_settings", "seeds", "threads", "train_code", "evaluation", "evaluate_code", "collapse_code"),
        *("manifest", "reference", "scoring", "other_scorings", "stack", "stack_members", "stack_code", "before"),
    )

    def __init__(self, config: Mapping[str, Any]) -> None:
        config = checked_config(config)
        # Digests of code depend on the mode of bits, so this process needs the same mode as the jobs.
        self.bits = os.environ[bits.VARIABLE] = str(config["bits"])
        self.results = str(Path(str(config["results"])))  # "out/" and "out//x" would name files that no rule makes
        self.data_dir = str(config["data_dir"] or "")
        self.study_argument = str(config["study"])
        self.device = str(config["device"])
        self.study = load_study(self.study_argument)
        self.log_to = tuple(dict.fromkeys(self.study.log_to))
        log_to.require(self.log_to)
        self.part = None if config["part"] in (None, "") else str(config["part"])
        self.plan: Plan = part_of(expand(self.study, device=self.device), self.part)
        self.plan_digest = self.plan.written_digest
        self.read_search()
        if self.plan.search is not None and not self.plan.search.done:
            require_sampler(self.plan.search.spec.sampler)
        self.datasets = {d["id"]: d for d in self.json["datasets"].values()}
        # Later trials and the chosen settings are not known at the start, so their chunks are not stacked.
        self.stacks = stacks(self.plan.before_stage(1))
        self.stack_of = {
            (chunk.cell.dataset, chunk.cell.id, chunk.k): f"{self.study_folder}/stacks/{dataset}/{name}.json"
            for (dataset, name), chunks in self.stacks.items()
            for chunk in chunks
        }
        evaluation = self.json["evaluation"]
        extractors = [(label, ref) for label in evaluation["extractor"] for ref in extractors_of(evaluation, label)]
        extractors += [(c["dataset"], ref) for c in self.json["cells"] for ref in scored_in(c["settings"])]
        self.extractors = {(self.json["datasets"][label]["id"], extractor_id(ref)): ref for label, ref in extractors}

    def read_search(self) -> None:
        """Update the plan with the results of the finished search stages, which are read from their files."""
        plan = self.plan.after_search(self.study_folder)
        if hasattr(self, "json") and plan.search == self.plan.search:
            return
        self.plan = plan
        self.json: dict[str, Any] = plan.to_json()
        # The cells of the trials, and the cells of the study's own runs.
        self.all_cells = [*self.json.get("search", {}).get("cells", ()), *self.json["cells"]]
        self.cells = {(c["dataset"], c["id"]): c for c in self.all_cells}
        self.chunks = {(c.dataset, c.id, k): list(seeds) for c, k, seeds in self.plan.chunks()}

    @functools.cache  # noqa: B019 - a process has one Lookups object, and a plan needs each digest many times
    def _digest(self, stage: str, *parts: tuple[str, str]) -> str:
        return stage_digest(stage, parts)

    # -- names over which the rules iterate

    @property
    def study_folder(self) -> str:
        return f"{self.results}/{self.study.name}"

    def chunk_files(self, stage: str) -> list[str]:
        """Records of a stage (train, evaluate or collapse) for all chunks. One job trains the seeds of a chunk."""
        return self._files(stage, self.chunks)

    def _files(self, stage: str, chunks: Iterable[tuple[str, str, int]]) -> list[str]:
        return [f"{self.study_folder}/runs/{dataset}/{cell}/chunk{k}.{stage}.json" for dataset, cell, k in chunks]

    @property
    def stages(self) -> int:
        """Number of stages of the study's search; 0 without a search."""
        return 0 if self.plan.search is None else len(self.plan.search.stages())

    def search_digest(self) -> str:
        return "" if self.plan.search is None else self.plan.search.digest

    def trial_files(self, kind: str, stage: int) -> list[str]:
        """Records (kind: train, evaluate or collapse) for the chunks of all trials known before a search stage."""
        chunks = ((c.dataset, c.id, k) for c, k, _ in self.plan.before_stage(stage).chunks())
        return self._files(kind, [chunk for chunk in chunks if chunk[2] >= FIRST_TRIAL_CHUNK])

    def log_record(self) -> list[str]:
        """Record of the curves that are written for other tools; empty if the study has no `log_to`."""
        return [f"{self.study_folder}/log_to.json"] if self.log_to else []

    def figure_names(self) -> list[str]:
        return [figure_name(ref) for ref in self.plan.figures]

    def last_stage(self) -> list[str]:
        """The file of the last stage of the study's search; an empty list without a search."""
        return [str(stage_file(self.study_folder, self.stages))] if self.stages else []

    # -- params of rules: each method depends only on wildcards, and most return canonical JSON or a digest

    def data_ref(self, wildcards: Any) -> str:
        return canonical_json(self.datasets[wildcards.data]["ref"])

    def data_code(self, wildcards: Any) -> str:
        """Digest of the data code. If the data set is a user's folder, the state of that folder is included."""
        ref = self.datasets[wildcards.data]["ref"]
        stamp = data.stamp(ref, Path(self.data_dir) if self.data_dir else None)
        return digest_of([self._digest("data", ("data", ref["name"])), stamp])[:16]

    def extractor_ref(self, wildcards: Any) -> str:
        return canonical_json(self.extractors[wildcards.data, wildcards.extractor])

    def extractor_code(self, wildcards: Any) -> str:
        ref = self.extractors[wildcards.data, wildcards.extractor]
        return self._digest("features", ("features", ref["name"]))

    def cell_settings(self, wildcards: Any) -> str:
        return canonical_json(self._cell(wildcards)["settings"])

    def seeds(self, wildcards: Any) -> str:
        return ",".join(map(str, self.chunks[wildcards.dataset, wildcards.cell, int(wildcards.chunk)]))

    def threads(self, wildcards: Any) -> int:
        return int(self._cell(wildcards)["settings"]["threads"])

    def train_code(self, wildcards: Any) -> str:
        return self._train_code(self._cell(wildcards)["settings"])

    def stack_members(self, wildcards: Any) -> str:
        chunks = self.stacks[wildcards.dataset, wildcards.stack]
        return canonical_json([{"settings": chunk.cell.settings, "seeds": chunk.seeds} for chunk in chunks])

    def stack_code(self, wildcards: Any) -> str:
        first, *_ = self.stacks[wildcards.dataset, wildcards.stack]  # all chunks of a stack have the same components
        return self._train_code(first.cell.settings)

    def _train_code(self, settings: Mapping[str, Any]) -> str:
        """Digest of the code that can train runs with `settings`; includes the stacking code if they may be stacked."""
        code = self._digest(train_stage(settings), *train_parts(settings))
        return f"{code}-{self._digest('stacking')}" if may_stack(settings) else code

    def evaluation(self, _wildcards: Any = None) -> str:
        return canonical_json(scoring_protocol(self.json["evaluation"]))

    def evaluate_code(self, _wildcards: Any) -> str:
        parts = [("metrics", ref["name"]) for ref in self.json["evaluation"]["metrics"]]
        return self._digest("evaluate", *parts)

    def collapse_code(self, wildcards: Any) -> str:
        return self._digest("collapse", *judged_parts(self._cell(wildcards)["settings"]))

    def figure_ref(self, wildcards: Any) -> str:
        return canonical_json(self._figure(wildcards))

    def figure_code(self, wildcards: Any) -> str:
        return self._digest("figures", ("figures", self._figure(wildcards)["name"]))

    def figure_caption(self, wildcards: Any) -> str:
        """The caption in the FACTS of the figure."""
        return str(component("figures", self._figure(wildcards)["name"]).facts.get("caption", ""))

    def figure_category(self, wildcards: Any) -> str:
        """Category of the figure in Snakemake's own report."""
        return str(component("figures", self._figure(wildcards)["name"]).facts.get("category", "Figures"))

    def figure_labels(self, wildcards: Any) -> dict[str, str]:
        """Labels of the figure in Snakemake's own report."""
        figure = component("figures", self._figure(wildcards)["name"])
        return {"figure": figure.name.replace("_", " "), "shows": figure.summary}

    def page_code(self, _wildcards: Any = None) -> str:
        """Digest of the code of the report page, and of the component summaries that the page prints."""
        return page_digest(self.page_parts())

    def page_parts(self) -> set[tuple[str, str]]:
        """(axis, name) of the components whose summaries the page prints."""
        # In a study with a search, the cells before the search are used. The digest of the page then does not depend on
        # the progress of the search.
        cells = self.plan.start or self.plan.cells
        parts = {part for cell in cells for part in train_parts(cell.settings)}
        parts |= {("data", dataset["ref"]["name"]) for dataset in self.datasets.values()}
        parts |= {("features", ref["name"]) for ref in self.extractors.values()}
        parts |= {("metrics", ref["name"]) for ref in self.json["evaluation"]["metrics"]}
        return parts | {("figures", ref["name"]) for ref in self.plan.figures}

    def figure_refs(self, _wildcards: Any = None) -> str:
        return canonical_json(list(self.plan.figures))

    # -- inputs of rules

    def manifest(self, wildcards: Any) -> str:
        """Path of the manifest of a cell's data set."""
        return f"{self.results}/data/{self._data_id(wildcards)}/manifest.json"

    def stack(self, wildcards: Any) -> list[str]:
        """Record of the job that trains this chunk together with other chunks; empty if there is no such job."""
        record = self.stack_of.get((wildcards.dataset, wildcards.cell, int(wildcards.chunk)))
        return [] if record is None else [record]

    def before(self, wildcards: Any) -> list[str]:
        """Records that a training job needs: those of the parent runs, and those of extractors used during training."""
        settings, seeds = self._cell(wildcards)["settings"], set(map(int, self.seeds(wildcards).split(",")))
        files = [self._reference(wildcards, ref) for ref in scored_in(settings)]
        if (start := settings.get("continue_from")) is not None:
            parent = (wildcards.dataset, cell_id(start["settings"]))
            files += [
                f"{self.study_folder}/runs/{parent[0]}/{parent[1]}/chunk{k}.train.json"
                for (dataset, cell, k), listed in self.chunks.items()
                if (dataset, cell) == parent and seeds & set(listed)
            ]
        return files

    def reference(self, wildcards: Any) -> str:
        """Record of the extractor with which a cell's samples are scored."""
        return self._reference(wildcards, self.json["evaluation"]["extractor"][wildcards.dataset])

    def _reference(self, wildcards: Any, ref: Mapping[str, Any]) -> str:
        return f"{self.results}/data/{self._data_id(wildcards)}/reference/{extractor_id(ref)}/extractor.json"

    def scoring(self, wildcards: Any) -> str:
        """File with results of the real data that the scores of all runs need, by the study's scoring protocol."""
        return self._scoring(self.reference(wildcards))

    def other_scorings(self, wildcards: Any) -> list[str]:
        """Like `scoring`, for each additional extractor of the study."""
        _, *others = extractors_of(self.json["evaluation"], wildcards.dataset)
        return [self._scoring(self._reference(wildcards, ref)) for ref in others]

    def _scoring(self, reference: str) -> str:
        return f"{Path(reference).parent}/scoring/{digest_of(self.evaluation())[:8]}/scoring.json"

    def _figure(self, wildcards: Any) -> dict[str, Any]:
        return next(ref for ref in self.plan.figures if figure_name(ref) == wildcards.figure)

    def _cell(self, wildcards: Any) -> dict[str, Any]:
        return self.cells[wildcards.dataset, wildcards.cell]

    def _data_id(self, wildcards: Any) -> str:
        return str(self.json["datasets"][wildcards.dataset]["id"])


def scored_in(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Extractors with which a run or its parents (the runs that it continues) are scored during training."""
    rule, start = settings.get("early_stop"), settings.get("continue_from")
    own = [rule["extractor"]] if isinstance(rule, Mapping) else []
    return own + ([] if start is None else scored_in(start["settings"]))


def judged_parts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(axis, name) of the method and the loss, whose FACTS a verdict reads.

    A verdict also reads the FACTS of tricks. Tricks are left out, because a change of a trick trains the run again.
    """
    return [(axis, settings[key]["name"]) for key, axis in (("method", "methods"), ("loss", "losses")) if settings[key]]


def figure_name(ref: Mapping[str, Any]) -> str:
    """File name (without suffix) of a figure."""
    return stem(ref["name"])
