// Export of the visible part of a table as CSV, LaTeX or a picture.
function exportTable(button) {
  const table = $("table", button.closest("[data-dataset]"));
  const name = `${DATA.study}-${table.dataset.name}`.replace(/[^\w.-]+/g, "_");
  const rows = shownCells(table);
  if (button.dataset.export === "csv") save(`${name}.csv`, csv(rows), "text/csv");
  if (button.dataset.export === "latex") save(`${name}.tex`, latexTable(rows, table.dataset.name), "text/x-tex");
  if (button.dataset.export === "png") tablePicture(rows).toBlob((blob) => save(`${name}.png`, blob));
}
// Text of the visible cells, without strips of seeds and links.
function shownCells(table) {
  const words = (cell) => (cell.tHead || !$(".interval", cell) ? cell.textContent : `${$("span", cell).textContent} ${$(".interval", cell).textContent}`);
  const text = (cell) => (cell.querySelector("button") && cell.tagName === "TH" ? $("button", cell).textContent : words(cell)).trim();
  const drop = new Set($$("thead th", table).flatMap((heading, i) => (heading.hidden || heading.matches(".strip") || heading.textContent === "runs" ? [i] : [])));
  return Array.from(table.rows).filter((row) => !row.hidden).map((row) => Array.from(row.cells).filter((_, i) => !drop.has(i)).map(text));
}
const csv = (rows) => rows.map((row) => row.map((text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(",")).join("\n") + "\n";
const SPECIAL = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "↓": "$\\downarrow$", "↑": "$\\uparrow$", "→": "$\\to$", "½": "$\\frac12$", "−": "$-$", "–": "--", "·": "$\\cdot$" };
const latexText = (text) => text.replace(/[\\&%$#_{}~^↓↑→½−–·]/g, (mark) => SPECIAL[mark] ?? `\\${mark}`);
function latexTable(rows, name) {
  const lines = rows.map((row) => row.map(latexText).join(" & ") + " \\\\");
  return [
    "% needs \\usepackage{booktabs}", "\\begin{table}", "\\centering", `\\caption{${latexText(`${DATA.study}, ${name}`)}. Mean over seeds and its 95\\,\\% interval.}`,
    `\\label{tab:${name.replace(/\W+/g, "-")}}`, `\\begin{tabular}{l${"r".repeat(rows[0].length - 1)}}`, "\\toprule", lines[0], "\\midrule",
    ...lines.slice(1), "\\bottomrule", "\\end{tabular}", "\\end{table}", "",
  ].join("\n");
}
function tablePicture(rows) {
  const canvas = element("canvas");
  const pen = canvas.getContext("2d");
  const font = "26px system-ui, sans-serif";
  pen.font = font;
  const widths = rows[0].map((_, i) => 40 + Math.max(...rows.map((row) => pen.measureText(row[i] ?? "").width)));
  canvas.width = widths.reduce((a, b) => a + b, 0);
  canvas.height = 48 * rows.length + 12;
  pen.font = font;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#1c2127";
  rows.forEach((row, r) => {
    let x = 0;
    row.forEach((text, i) => {
      pen.textAlign = i ? "right" : "left";
      pen.fillText(text, i ? x + widths[i] - 20 : x + 20, 48 * r + 34);
      x += widths[i];
    });
    if (r < 2) pen.fillRect(0, 48 * r + (r ? 0 : 2), canvas.width, 2);
  });
  return canvas;
}
