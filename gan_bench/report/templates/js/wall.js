// Samples of the best variants, best first, below real images, with a slider over training.
const GAP = 3;
let wallShown = MORE;

// Draw one frame of a sheet of images, with gaps between images. Small images are enlarged by a whole factor, large
// images are shrunk.
function paint(canvas, sheet, image, share) {
  const frame = Math.round(share * (sheet.frames - 1));
  const scale = Math.max(1, Math.floor(36 / Math.max(sheet.w, sheet.h)));
  const ratio = sheet.w > 36 ? Math.min(1, 64 / sheet.w) : scale;
  const [w, h] = [Math.round(sheet.w * ratio), Math.round(sheet.h * ratio)];
  const columns = Math.min(8, sheet.n);
  canvas.width = columns * (w + GAP) + GAP;
  canvas.height = Math.ceil(sheet.n / columns) * (h + GAP) + GAP;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#7a8490";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = ratio < 1;
  for (let i = 0; i < sheet.n; i += 1) {
    const [x, y] = [GAP + (i % columns) * (w + GAP), GAP + Math.floor(i / columns) * (h + GAP)];
    pen.drawImage(image, i * sheet.w, frame * sheet.h, sheet.w, sheet.h, x, y, w, h);
  }
  canvas.dataset.frame = frame;
}
function tile(sheet, words) {
  if (!sheet.frames) return element("img", { src: sheet.src, alt: words, class: "whole", loading: "lazy" });
  const canvas = element("canvas", { role: "img", "aria-label": words });
  const image = new Image();
  canvas.paint = () => { if (image.complete && image.naturalWidth) paint(canvas, sheet, image, $("#step").value / 100); };
  image.onload = canvas.paint;
  image.src = sheet.src;
  canvas.frames = sheet.frames;
  return canvas;
}
const scoreOf = (cell) => DATA.cells[cell].score ?? "no score";
async function drawWall() {
  const d = state.d;
  const set = dataset();
  const content = [];
  for (let k = 0; k * CHUNK < wallShown; k += 1) content.push(await part(`wall-${d}-${k}`));
  if (d !== state.d) return;
  const rows = [];
  const metric = set.metrics?.[0];
  const real = content[0]?.real;
  if (real) rows.push(wallRow("real images", metric?.ideal_text ? `${metric.label} ${metric.ideal_text}` : "", [tile(real, "real images")]));
  for (const cell of set.cells.slice(0, wallShown)) {
    const samples = content.map((some) => some?.cells[cell]).find(Boolean) ?? {};
    const tiles = Object.entries(samples).map(([seed, sheet]) => tile(sheet, `samples of ${DATA.cells[cell].name}, seed ${seed}`));
    const outcome = [...new Set(DATA.runs.filter((run) => run[1] === cell).map((run) => run[3]))].join(", ");
    rows.push(wallRow(DATA.cells[cell].name, scoreOf(cell), tiles.length ? tiles : [element("span", { class: "note" }, outcome)]));
  }
  $("#wall").replaceChildren(...rows);
  $("#wall-more").hidden = wallShown >= Math.min(MOST, set.cells.length);
  slide();
}
function wallRow(name, score, tiles) {
  return element("div", { class: "wallrow" }, element("div", { class: "wallname" }, element("b", {}, name), element("span", { class: "note" }, score)), element("div", { class: "tiles" }, ...tiles));
}
function slide() {
  const canvases = $$("#wall canvas");
  for (const canvas of canvases) canvas.paint();
  const most = Math.max(1, ...canvases.map((canvas) => canvas.frames));
  $("#step").parentElement.hidden = most < 2;
  const frame = Math.round(($("#step").value / 100) * (most - 1));
  $("output[for=step]").value = frame === most - 1 ? "end of training" : `snapshot ${frame + 1} of ${most}`;
}
function startWall() {
  $("#step").addEventListener("input", slide);
  $("#wall-more").addEventListener("click", () => { wallShown += MORE; drawWall(); });
}
