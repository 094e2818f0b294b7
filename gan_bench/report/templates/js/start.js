// Start of the page: choice of the data set, the state in the address, and printing.
function showDataset(d) {
  for (const block of $$("[data-dataset]")) block.hidden = block.dataset.dataset !== d;
  for (const button of $$("[data-tab]")) button.setAttribute("aria-pressed", String(button.dataset.tab === d));
  wallShown = plotsShown = MORE;
  whenSeen($("#wall"), drawWall);
  whenSeen($("#plots"), drawPlots);
  drawRuns();
  filterTables();
}
function apply() {
  const before = state.d;
  readState();
  if (before !== state.d || !apply.done) showDataset(state.d);
  apply.done = true;
  applyTables();
  $("#filter-runs").value = state.runs;
  drawRuns();
  drawCompare();
  if (state.run) openRun();
}
for (const button of $$("[data-tab]")) button.addEventListener("click", () => { writeState({ d: button.dataset.tab }); showDataset(button.dataset.tab); });
startTables();
startWall();
startPlots();
startRuns();
apply();
window.addEventListener("hashchange", apply);
// A print also shows folded parts, except the cards of the runs and the texts that are only for copying.
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = $$("details:not(.run):not(.run *):not(.folded):not([open])");
  for (const one of unfolded) one.open = true;
});
window.addEventListener("afterprint", () => { for (const one of unfolded) one.open = false; });
