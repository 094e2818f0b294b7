// Plots of the losses and of the scores over training, for the best variants.
let plotsShown = MORE;
let plots = [];

function smoothed(values, width) {
  if (!width) return values;
  return values.map((value, i) => {
    const near = values.slice(Math.max(0, i - width), i + width + 1).filter((x) => x != null);
    return value == null || !near.length ? null : near.reduce((a, b) => a + b, 0) / near.length;
  });
}
// The steps of all runs, and each line's values at these steps.
function aligned(runs) {
  const steps = [...new Set(runs.flatMap((run) => run[0]))].sort((a, b) => a - b);
  const place = new Map(steps.map((step, i) => [step, i]));
  const lines = [1, 2].map((player) => runs.map((run) => {
    const line = new Array(steps.length).fill(null);
    run[0].forEach((step, i) => { line[place.get(step)] = run[player][i]; });
    return line;
  }));
  return [steps, ...lines];
}
const mean = (lines) => (lines[0] ?? []).map((_, i) => {
  const known = lines.map((line) => line[i]).filter((x) => x != null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
});
function axes() {
  const look = { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 }, font: "11px system-ui, sans-serif" };
  return [{ ...look, size: 30, values: (_, ticks) => ticks.map((x) => (x >= 1000 ? `${x / 1000}k` : x)) }, { ...look, size: 52 }];
}
// Legends show the last values until a plot is hovered, and again afterwards.
const last = (plot) => plot.setLegend({ idx: plot.data[0].length - 1 }, false);
const resting = { ready: [last], setCursor: [(plot) => { if (plot.cursor.left < 0) last(plot); }] };
function lossPlot(box, cell, runs, range) {
  const width = Number($("#smooth").value), log = $("#log").checked, seeds = $("#seeds").checked;
  const [steps, d, g] = aligned(Object.values(runs));
  const fit = (line) => smoothed(line, width).map((x) => (log && !(x > 0) ? null : x));
  const columns = [steps, fit(mean(d)), fit(mean(g))];
  const series = [{ label: "step" }, { label: "D, mean", stroke: colour("accent"), width: 2.4 }, { label: "G, mean", stroke: colour("bad"), width: 2.4, dash: [7, 3] }];
  if (seeds) {
    [[d, "accent", "D"], [g, "bad", "G"]].forEach(([lines, name, player]) => lines.forEach((line, i) => {
      columns.push(fit(line));
      series.push({ label: `${player}, seed ${Object.keys(runs)[i]}`, stroke: colour(name) + "70", width: 0.8 });
    }));
  }
  const scales = { x: { time: false }, y: log ? { distr: 3 } : { range: (_, low, high) => (range ? [range[0], range[1]] : [low, high]) } };
  const options = { width: box.clientWidth, height: 190, series, scales, axes: axes(), legend: { live: true }, hooks: resting, cursor: { sync: { key: "losses" } } };
  return new uPlot(options, columns, box);
}
// The range of an axis: all values except one percent at each end, with a margin; null without values.
function rangeOf(values) {
  const known = values.filter((x) => x != null).sort((a, b) => a - b);
  if (!known.length) return null;
  const [low, high] = [known[Math.floor(known.length * 0.01)], known[Math.ceil(known.length * 0.99) - 1]];
  return [low - 0.05 * (high - low || 1), high + 0.05 * (high - low || 1)];
}
// For each cell, the range of its panel, and whether this range is its own. Panels of one loss share their range. A
// panel whose values fill less than a tenth of the shared range would be a flat line, so it has a range of its own.
function ranges(content) {
  const values = {};
  const losses = content.map(([cell, runs]) => [cell, Object.values(runs).flatMap((run) => [...run[1], ...run[2]])]);
  for (const [cell, all] of losses) (values[DATA.cells[cell].family] ??= []).push(...all);
  const shared = Object.fromEntries(Object.entries(values).map(([family, all]) => [family, rangeOf(all)]));
  return Object.fromEntries(losses.map(([cell, all]) => {
    const [range, family] = [rangeOf(all), shared[DATA.cells[cell].family]];
    const own = range && 10 * (range[1] - range[0]) < family[1] - family[0];
    return [cell, { range: own ? range : family, own }];
  }));
}
async function lossParts() {
  const content = [];
  for (let k = 0; k * CHUNK < plotsShown; k += 1) content.push(await part(`losses-${state.d}-${k}`));
  return content.filter(Boolean);
}
async function drawPlots() {
  const d = state.d;
  const content = await lossParts();
  if (d !== state.d) return;
  const set = dataset();
  const losses = Object.assign({}, ...content.map((some) => some.losses));
  const shown = set.cells.slice(0, plotsShown).filter((cell) => Object.keys(losses[cell] ?? {}).length);
  const limits = ranges(shown.map((cell) => [cell, losses[cell]]));
  plots.forEach((plot) => plot.destroy());
  plots = [];
  const boxes = shown.map((cell) => {
    const box = element("div", { class: "canvas", role: "img", "aria-label": `losses of ${DATA.cells[cell].name} over training` });
    return [element("figure", {}, element("figcaption", {}, element("b", {}, DATA.cells[cell].name), ` ${DATA.cells[cell].family}${limits[cell].own ? ", own axis" : ""} `, pictureButton(box, DATA.cells[cell].id)), box), box, cell];
  });
  $("#plots").replaceChildren(...boxes.map(([figure]) => figure));
  for (const [, box, cell] of boxes) whenSeen(box, () => { if (box.isConnected) plots.push(lossPlot(box, cell, losses[cell], limits[cell].range)); });
  if (!shown.length) $("#plots").append(element("p", { class: "note" }, "No run has logged a loss."));
  $("#plots-more").hidden = plotsShown >= Math.min(MOST, set.cells.length);
  drawCurves(content);
}
function pictureButton(box, name) {
  const keep = () => $("canvas", box)?.toBlob((blob) => save(`${name}.png`, blob));
  return element("button", { type: "button", class: "link", "aria-label": `PNG of ${name}`, onclick: keep }, "PNG");
}
let curvePlot = null;
function drawCurves(content) {
  const curves = {};
  for (const some of content) for (const [metric, cells] of Object.entries(some.curves)) Object.assign((curves[metric] ??= {}), cells);
  const metrics = dataset().metrics.filter((metric) => curves[metric.id]);
  $("#curves-block").hidden = !metrics.length;
  if (!metrics.length) return;
  const chosen = $("#curve-metric").value;
  $("#curve-metric").replaceChildren(...metrics.map((metric) => element("option", { value: metric.id, selected: metric.id === chosen }, `${metric.label} (${metric.words})`)));
  const metric = metrics.find((one) => one.id === $("#curve-metric").value);
  const cells = dataset().cells.filter((cell) => curves[metric.id][cell]);
  const steps = [...new Set(cells.flatMap((cell) => curves[metric.id][cell][0]))].sort((a, b) => a - b);
  const columns = cells.map((cell) => steps.map((step) => { const i = curves[metric.id][cell][0].indexOf(step); return i < 0 ? null : curves[metric.id][cell][1][i]; }));
  // At rest, the legend shows the last score of each variant, also of those with fewer steps than others.
  const value = (plot, raw, i, at) => {
    const shown = raw ?? (at === steps.length - 1 ? plot.data[i].findLast((x) => x != null) : null);
    return shown == null ? "" : digits(metric, shown);
  };
  const lightness = matchMedia("(prefers-color-scheme: dark)").matches ? 68 : 42;
  const series = cells.map((cell, i) => ({ label: DATA.cells[cell].name, value, stroke: `hsl(${(i * 137) % 360} 65% ${lightness}%)`, width: 1.8, dash: i % 3 ? [8 - 2 * (i % 3), 3] : [], spanGaps: true, points: { show: true, size: 5 } }));
  curvePlot?.destroy();
  const known = columns.flat().filter((x) => x != null);
  const positive = known.every((x) => x > 0);
  // Without a range, a log axis reaches to the next powers of ten and squeezes the lines.
  const log = { distr: 3, range: [Math.min(...known) * 0.9, Math.max(...known) * 1.1] };
  const options = { width: $("#curves").clientWidth, height: 300, series: [{ label: "step" }, ...series], scales: { x: { time: false }, y: positive && metric.words.startsWith("lower") ? log : {} }, axes: axes(), hooks: resting };
  curvePlot = new uPlot(options, [steps, ...columns], $("#curves"));
  const ideal = metric.ideal_text ? `Real images (ideal): ${metric.ideal_text}. ` : "";
  $("#curves-key").replaceChildren(`Means over seeds${cells.length < dataset().cells.length ? ` of the ${cells.length} best variants` : ""}. ${ideal}`, pictureButton($("#curves"), `${metric.id}-over-training`));
}
function startPlots() {
  for (const name of ["seeds", "log", "smooth", "curve-metric"]) $(`#${name}`).addEventListener("change", drawPlots);
  $("#plots-more").addEventListener("click", () => { plotsShown += MORE; drawPlots(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawPlots);
  // A phone sends "resize" whenever its address bar appears or disappears, so only a changed width draws again.
  let timer = 0, width = innerWidth;
  window.addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(timer);
    timer = setTimeout(drawPlots, 200);
  });
}
