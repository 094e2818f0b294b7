// The runs: a list that can be searched, a card per run, and a comparison of two runs.
const FIRST_RUNS = innerWidth > 640 ? 25 : 10;
let runsShown = FIRST_RUNS;
const runName = (run) => `${DATA.cells[run[1]].name}, seed ${run[2]}`;
const runKey = (run) => `${run[1]}.${run[2]}`;
const findRun = (key) => DATA.runs.find((run) => runKey(run) === key);
const tag = (text, tone) => element("span", { class: `tag ${tone}` }, text);

function showRuns(words) {
  writeState({ runs: words });
  $("#filter-runs").value = words;
  runsShown = FIRST_RUNS;
  drawRuns();
}
function drawRuns() {
  const words = state.runs.toLowerCase();
  const all = DATA.runs.filter((run) => words || run[0] === Number(state.d));
  const text = (run) => `${DATA.datasets[run[0]].name} ${runName(run)} ${run[3]} ${run[5]}`.toLowerCase();
  const found = words ? all.filter((run) => words.split(/\s+/).every((word) => text(run).includes(word))) : all;
  $("#run-list").replaceChildren(...found.slice(0, runsShown).map(runRow));
  $("#runs-count").value = `${Math.min(found.length, runsShown)} of ${found.length} shown; the study has ${DATA.n_runs}`;
  $("#runs-more").hidden = found.length <= runsShown;
}
function runRow(run) {
  const key = runKey(run);
  const chosen = state.compare.split(",").includes(key);
  const box = element("input", { type: "checkbox", "aria-label": `compare ${runName(run)}`, onchange: () => choose(key, box.checked) });
  box.checked = chosen;
  const tags = [tag(run[3], run[4]), ...(run[5] && run[5] !== run[3] && run[5] !== "not judged" ? [" ", tag(run[5], run[6])] : [])];
  const summary = element("summary", {}, element("span", { class: "name" }, DATA.cells[run[1]].name), ` ${DATA.datasets[run[0]].name}, seed ${run[2]} `, ...tags);
  const card = element("details", { class: "run", id: `run-${key}`, ontoggle: () => fill(card, run) }, summary);
  return element("div", { class: "runrow" }, element("label", { class: "note" }, box, element("span", {}, " compare")), card);
}
async function fill(card, run) {
  if (!card.open || card.children.length > 1) return;
  const body = element("div", { class: "body cardgrid" });
  card.append(body);
  writeState({ run: runKey(run) });
  const content = await part(`cell-${run[1]}`);
  const entry = content?.runs[run[2]];
  if (!entry) { body.append("The files beside this page are missing: folder report_media."); return; }
  body.append(cardText(entry, content.settings), await cardMedia(entry, run));
}
function facts(rows, code) {
  return element("dl", { class: "facts" }, ...rows.flatMap(([name, value, note]) => [element("dt", {}, name), element("dd", {}, code ? element("code", {}, value) : value, note ? element("span", { class: "note" }, ` ${note}`) : null)]));
}
function folded(title, ...content) {
  return element("details", {}, element("summary", {}, title), element("div", { class: "body" }, ...content));
}
function signs(entries) {
  return element("ul", {}, ...entries.map((entry) => element("li", {}, `${entry.says} `, element("span", { class: "note" }, `(${[entry.sign, entry.rule].filter(Boolean).join(": ")}; ${entry.source})`))));
}
function cardText(entry, settings) {
  const box = element("div", {}, facts([...(entry.facts ?? []), ...entry.scores, ["files", entry.folder]]));
  if (entry.answer) box.append(element("ul", {}, ...entry.answer.map((line) => element("li", {}, line))));
  if (entry.evidence) box.append(element("h4", {}, "Evidence for the verdict"), signs(entry.evidence));
  if (entry.minor) box.append(element("h4", {}, "Weak signs (they decide nothing)"), signs(entry.minor));
  if (entry.signs) box.append(element("h4", {}, "Signs in the losses that hold at the end"), element("ul", {}, ...entry.signs.map((sign) => element("li", {}, sign))));
  if (entry.missing) box.append(element("p", { class: "note" }, `Not available to the detector: ${entry.missing.join(", ")}.`));
  if (entry.note) box.append(element("p", { class: "note" }, entry.note));
  if (entry.against) box.append(folded("Evidence against a failure", signs(entry.against)));
  box.append(folded("Settings", element("pre", { tabindex: 0 }, JSON.stringify(settings, null, 1))));
  if (entry.provenance) box.append(folded("Provenance: versions, machine, digests", facts(entry.provenance, true)));
  return box;
}
async function cardMedia(entry, run) {
  const box = element("div", { class: "media" });
  const place = DATA.datasets[run[0]].cells.indexOf(run[1]);
  const losses = (await part(`losses-${run[0]}-${Math.floor(place / CHUNK)}`))?.losses[run[1]]?.[run[2]];
  if (losses) {
    const plot = element("div", { class: "canvas", role: "img", "aria-label": `losses of ${runName(run)}` });
    box.append(plot);
    requestAnimationFrame(() => lossPlot(plot, run[1], { [run[2]]: losses }, null));
  }
  for (const [name, source] of entry.pictures) box.append(element("figure", {}, element("img", { src: source, alt: `${name} of ${runName(run)}`, loading: "lazy" }), element("figcaption", {}, name)));
  if (!entry.pictures.length) box.append(element("p", { class: "note" }, "The run left no samples."));
  return box;
}
// At most two runs are compared; a third choice replaces the first.
function choose(key, add) {
  const kept = state.compare.split(",").filter((one) => one && one !== key);
  writeState({ compare: (add ? [...kept, key].slice(-2) : kept).join(",") });
  drawRuns();
  drawCompare();
}
function flat(value, name = "") {
  if (value === null || typeof value !== "object") return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, name ? `${name}.${key}` : key));
}
async function drawCompare() {
  const box = $("#compare");
  const pair = state.compare.split(",").map(findRun).filter(Boolean);
  box.hidden = pair.length < 2;
  if (pair.length < 2) return;
  const sides = await Promise.all(pair.map(async (run) => {
    const content = await part(`cell-${run[1]}`);
    const entry = content?.runs[run[2]] ?? { scores: [], facts: [], provenance: [] };
    return new Map([["status", run[3]], ["verdict", run[5]], ...flat(content?.settings ?? {}), ["seed", String(run[2])], ...entry.scores, ...(entry.facts ?? []), ...(entry.provenance ?? [])]);
  }));
  const names = [...new Set(sides.flatMap((side) => [...side.keys()]))];
  const only = element("input", { type: "checkbox", id: "differences", onchange: () => fillTable() });
  only.checked = true;
  const table = element("tbody");
  const fillTable = () => table.replaceChildren(...names.filter((name) => !only.checked || sides[0].get(name) !== sides[1].get(name)).map((name) => element("tr", {}, element("th", { scope: "row" }, name), ...sides.map((side) => element("td", {}, side.get(name) ?? "–")))));
  fillTable();
  box.replaceChildren(
    element("h3", {}, "Two runs compared"),
    element("p", { class: "controls" }, element("label", {}, only, " differences only"), " ", element("button", { type: "button", onclick: () => { writeState({ compare: "" }); drawRuns(); drawCompare(); } }, "Close")),
    element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Two runs compared" }, element("table", {}, element("thead", {}, element("tr", {}, element("th", {}, ""), ...pair.map((run) => element("th", { scope: "col" }, `${DATA.datasets[run[0]].name}: ${runName(run)}`)))), table)),
  );
}
function openRun() {
  const run = findRun(state.run);
  if (!run) return;
  let row = document.getElementById(`run-${state.run}`);
  if (!row) { showRuns(`${DATA.cells[run[1]].name} seed ${run[2]}`.replace(/[^\w.]+/g, " ")); row = document.getElementById(`run-${state.run}`); }
  if (!row) return;
  row.open = true;
  row.scrollIntoView();
  $("summary", row).focus();
}
function startRuns() {
  $("#filter-runs").addEventListener("input", () => { writeState({ runs: $("#filter-runs").value.trim() }); runsShown = FIRST_RUNS; drawRuns(); });
  $("#runs-more").addEventListener("click", () => { runsShown += 100; drawRuns(); });
}
