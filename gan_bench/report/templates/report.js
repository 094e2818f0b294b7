"use strict";
// Sort a table by the column whose heading is pressed. Rows without a value stay last; rows in other tbodies stay put.
function sortBy(heading) {
  const table = heading.closest("table");
  const body = table.tBodies[0];
  const column = Array.from(heading.parentElement.children).indexOf(heading);
  const ascending = heading.getAttribute("aria-sort") !== "ascending";
  const value = (row) => row.children[column].dataset.value ?? row.children[column].textContent.trim();
  const numeric = heading.classList.contains("num");
  const rows = Array.from(body.rows);
  rows.sort((a, b) => {
    const x = value(a), y = value(b);
    if (x === "" || y === "") return (x === "") - (y === "");
    const order = numeric ? Number(x) - Number(y) : x.localeCompare(y, "en", { numeric: true });
    return ascending ? order : -order;
  });
  rows.forEach((row) => body.append(row));
  for (const other of heading.parentElement.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
}
// Hide what does not hold the words of a search field.
function filterBy(field) {
  const words = field.value.trim().toLowerCase();
  let shown = 0;
  const all = document.querySelectorAll(field.dataset.filter);
  for (const one of all) {
    const text = (one.querySelector("th, summary") ?? one).textContent.toLowerCase();
    one.hidden = !text.includes(words);
    shown += !one.hidden;
  }
  field.parentElement.querySelector("output").value = words ? `${shown} of ${all.length}` : "";
}
// Show or hide a column of the table that follows the boxes: the first one below them in the page.
function showColumn(box) {
  const next = box.closest("details").nextElementSibling;
  const table = next.querySelector("table");
  for (const row of table.rows) row.children[Number(box.dataset.column)].hidden = !box.checked;
}
// Build a card from its template when it is first opened.
function build(details) {
  const template = details.querySelector(":scope > template");
  if (template && details.open) template.replaceWith(template.content);
}
// An address within the page that is a run opens its card.
function openRun() {
  const run = document.getElementById(location.hash.slice(1));
  if (!run?.matches("details.run")) return;
  run.hidden = false;
  run.open = true;
  run.querySelector("summary").focus();
}
document.addEventListener("toggle", (event) => build(event.target), true);
window.addEventListener("hashchange", openRun);
openRun();
for (const field of document.querySelectorAll("input[data-filter]")) {
  field.addEventListener("input", () => filterBy(field));
}
for (const box of document.querySelectorAll("input[data-column]")) {
  box.addEventListener("change", () => showColumn(box));
}
// A print shows what is folded away, but for the cards of the runs and what is for copying alone.
const folded = () => document.querySelectorAll("details:not(.run):not(.run *):not(.folded):not([open])");
let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = Array.from(folded());
  for (const part of unfolded) part.open = true;
});
window.addEventListener("afterprint", () => {
  for (const part of unfolded) part.open = false;
});
for (const button of document.querySelectorAll("th > button")) {
  button.addEventListener("click", () => sortBy(button.parentElement));
}
