// The table of scores: sorting, filter, columns, strips of seeds, and all rows on demand.
const tables = () => $$("#comparison table.sortable");

// Rows without a value stay last; the rows of real images stay below all others.
function sortBy(heading, descending) {
  const table = heading.closest("table");
  const column = Array.from(heading.parentElement.children).indexOf(heading);
  const value = (row) => row.children[column].dataset.value ?? row.children[column].textContent.trim();
  const numeric = heading.classList.contains("num");
  const rows = Array.from(table.tBodies[0].rows);
  rows.sort((a, b) => {
    const x = value(a), y = value(b);
    if (x === "" || y === "") return (x === "") - (y === "");
    const order = numeric ? Number(x) - Number(y) : x.localeCompare(y, "en", { numeric: true });
    return descending ? -order : order;
  });
  rows.forEach((row) => table.tBodies[0].append(row));
  for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  if (heading.dataset.metric) strips(table, Number(heading.dataset.metric));
  limit(table);
}
// Ten rows are shown, unless the reader asks for all rows or uses a filter.
function limit(table) {
  const words = state.q.toLowerCase();
  let shown = 0;
  const rows = Array.from(table.tBodies[0].rows);
  for (const row of rows) {
    const holds = $("th", row).textContent.toLowerCase().includes(words);
    row.hidden = !holds || (!words && !state.all && table.closest("#comparison") && shown >= 10);
    shown += holds;
  }
  for (const row of table.tBodies[1]?.rows ?? []) row.hidden = !$("th", row).textContent.toLowerCase().includes(words);
  return [shown, rows.length];
}
function filterTables() {
  const counts = tables().map(limit);
  const [shown, all] = counts[tables().findIndex((table) => table.offsetParent)] ?? [0, 0];
  $("output[for=filter-comparison]").value = state.q ? `${shown} of ${all}` : "";
  for (const button of $$("[data-rest]")) {
    button.setAttribute("aria-expanded", String(Boolean(state.all)));
    button.textContent = state.all ? "Show ten variants" : `Show all ${button.closest("[data-dataset]").querySelector("tbody").rows.length} variants`;
  }
}
// Seeds of each row as points on one scale, with real images as a line.
function strips(table, number) {
  const set = DATA.datasets[table.closest("[data-dataset]").dataset.dataset];
  const metric = set.metrics[number];
  if (!metric) return;
  const values = (row) => Object.values(DATA.cells[row.dataset.cell]?.values[metric.id] ?? {});
  const rows = $$("tbody tr[data-cell]", table);
  const all = [...rows.flatMap(values), ...(metric.ideal == null ? [] : [metric.ideal])];
  const log = Math.min(...all) > 0 && Math.max(...all) / Math.min(...all) > 50;
  const scale = log ? Math.log : (x) => x;
  const low = scale(Math.min(...all)), high = scale(Math.max(...all));
  const x = (value) => 4 + 92 * (high > low ? (scale(value) - low) / (high - low) : 0.5);
  $("th.strip", table).textContent = `seeds: ${metric.label}${log ? ", log" : ""}`;
  for (const row of rows) {
    const dots = values(row);
    const words = dots.length ? `${metric.label} of ${count(dots.length, "seed")}: ${dots.map((v) => digits(metric, v)).join(", ")}` : "no seed has a score";
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [key, value] of [["viewBox", "0 0 100 16"], ["role", "img"], ["aria-label", words], ["class", "strip"]]) picture.setAttribute(key, value);
    const draw = (tag, attributes) => {
      const mark = document.createElementNS(picture.namespaceURI, tag);
      for (const [key, value] of Object.entries(attributes)) mark.setAttribute(key, value);
      picture.append(mark);
    };
    if (metric.ideal != null) draw("line", { x1: x(metric.ideal), x2: x(metric.ideal), y1: 0, y2: 16 });
    for (const value of dots) draw("circle", { cx: x(value), cy: 8, r: 3 });
    $("td.strip", row).replaceChildren(picture);
  }
}
function startTables() {
  for (const button of $$("th > button")) {
    const heading = button.parentElement;
    button.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      sortBy(heading, descending);
      if (heading.closest("#comparison")) writeState({ sort: Array.from(heading.parentElement.children).indexOf(heading) + (descending ? "-" : "+") });
    });
  }
  const field = $("#filter-comparison");
  field?.addEventListener("input", () => { writeState({ q: field.value.trim() }); filterTables(); });
  for (const button of $$("[data-rest]")) button.addEventListener("click", () => { writeState({ all: state.all ? "" : "1" }); filterTables(); });
  for (const box of $$("[data-columns]")) {
    box.addEventListener("change", () => {
      const table = $("table", box.closest("[data-dataset]"));
      table.classList.toggle("all", box.checked);
      for (const heading of $$("th[data-metric]", table)) {
        const column = Array.from(heading.parentElement.children).indexOf(heading);
        for (const row of table.rows) row.children[column].hidden = Number(heading.dataset.metric) > 3 && !box.checked;
      }
    });
  }
  for (const table of tables()) strips(table, 0);
  for (const button of $$("[data-export]")) button.addEventListener("click", () => exportTable(button));
  for (const button of $$("[data-runs]")) {
    button.addEventListener("click", () => { showRuns(button.dataset.runs); $("#runs").scrollIntoView(); $("#filter-runs").focus(); });
  }
}
function applyTables() {
  const field = $("#filter-comparison");
  if (!field) return;
  field.value = state.q;
  const column = parseInt(state.sort, 10);
  if (Number.isInteger(column)) {
    for (const table of tables()) {
      const heading = table.tHead.rows[0].children[column];
      if (heading && $("button", heading)) sortBy(heading, state.sort.endsWith("-"));
    }
  }
  filterTables();
}
