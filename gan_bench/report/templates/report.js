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
// A print shows what is folded away, but for the cards of the runs.
const folded = () => document.querySelectorAll("details:not(.run):not(.run *):not([open])");
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
