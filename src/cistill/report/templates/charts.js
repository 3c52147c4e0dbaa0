// Charts that answer. Each stands in the page as a drawing; near the view Vega draws it again, from the same
// specification and table, with an interpreter in place of `eval`, and takes the drawing's place on the screen.
"use strict";
cistill.charts = (() => {
  const store = cistill.data("charts") ?? { charts: {}, tables: {}, theme: {} };
  const views = new Map(); // element of the chart -> promise of its view
  const SCALE_OF_PNG = 3;

  // Rows of a table stored column by column, names with few levels as codes.
  function rows(table) {
    const columns = table.columns.map((column) =>
      Array.isArray(column) ? column : column.codes.map((code) => column.levels[code]));
    const length = columns.length ? columns[0].length : 0;
    return Array.from({ length }, (_, row) =>
      Object.fromEntries(table.names.map((name, place) => [name, columns[place][row]])));
  }

  function tsv(table) {
    const words = (value) => value === null ? "" : String(value).replace(/[\t\n\r]/g, " ");
    const lines = rows(table).map((row) => table.names.map((name) => words(row[name])).join("\t"));
    return [table.names.join("\t"), ...lines].join("\n") + "\n";
  }

  function draw(element) {
    if (views.has(element)) return views.get(element);
    const stored = store.charts[element.id];
    const spec = structuredClone(stored.spec);
    spec.datasets = { ...spec.datasets, table: rows(store.tables[stored.table]) };
    const live = document.createElement("div");
    live.className = "live";
    element.append(live);
    const drawn = vegaEmbed(live, spec, {
      actions: false, ast: true, defaultStyle: false, config: store.theme, renderer: "svg",
      tooltip: { disableDefaultStyle: true, sanitize: escaped },
    }).then(({ view }) => {
      const drawing = live.querySelector("svg"); // what it shows is said by the element around it
      drawing.setAttribute("aria-hidden", "true");
      element.classList.add("is-live");
      zoomable(element, live, view);
      choosable(element, view);
      return view;
    });
    views.set(element, drawn);
    return drawn;
  }

  function escaped(value) {
    const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
    return String(value).replace(/[&<>"']/g, (letter) => entities[letter]);
  }

  // A rectangle dragged over the marks shows its range alone; a double click shows all again.
  function zoomable(element, live, view) {
    const axes = ["x", "y"].filter((axis) => typeof view.scale(axis)?.invert === "function"
      && typeof view.scale(axis).domain()[0] === "number" && view.scale(axis).type !== "band"
      && view.scale(axis).type !== "point");
    if (!axes.length) return;
    const box = document.createElement("div");
    box.className = "brush";
    box.hidden = true;
    live.append(box);
    let start = null;
    const at = (event) => { // in the chart's own pixels, however wide it is shown
      const frame = live.querySelector("svg").getBoundingClientRect();
      const shrunk = frame.width / live.querySelector("svg").viewBox.baseVal.width;
      const [left, top] = view.origin();
      const within = (value, most) => Math.min(Math.max(value, 0), most);
      return {
        x: within((event.clientX - frame.left) / shrunk - left, view.width()),
        y: within((event.clientY - frame.top) / shrunk - top, view.height()),
        shrunk, left, top,
      };
    };
    const range = (axis, from, to) => {
      const scale = view.scale(axis);
      return [scale.invert(from), scale.invert(to)].sort((one, other) => one - other);
    };
    live.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && event.pointerType !== "touch") start = at(event);
    });
    live.addEventListener("pointermove", (event) => {
      if (!start) return;
      const now = at(event);
      const edge = (axis) => axes.includes(axis)
        ? [Math.min(start[axis], now[axis]), Math.abs(start[axis] - now[axis])]
        : [0, axis === "x" ? view.width() : view.height()];
      const [x, wide] = edge("x");
      const [y, high] = edge("y");
      box.hidden = false;
      Object.assign(box.style, {
        left: `${(x + now.left) * now.shrunk}px`, top: `${(y + now.top) * now.shrunk}px`,
        width: `${wide * now.shrunk}px`, height: `${high * now.shrunk}px`,
      });
      event.preventDefault();
    });
    addEventListener("pointerup", (event) => {
      if (!start) return;
      const from = start, to = at(event);
      start = null;
      box.hidden = true;
      const moved = axes.filter((axis) => Math.abs(from[axis] - to[axis]) > 8);
      if (!moved.length) return;
      for (const axis of axes) if (Math.abs(from[axis] - to[axis]) > 8) view.signal(`zoom_${axis}`, range(axis, from[axis], to[axis]));
      element.closest("figure")?.classList.add("zoomed");
      view.runAsync();
    });
    live.addEventListener("dblclick", () => whole(element));
  }

  async function whole(element) {
    const view = await draw(element);
    for (const axis of ["x", "y"]) view.signal(`zoom_${axis}`, null);
    element.closest("figure")?.classList.remove("zoomed");
    return view.runAsync();
  }

  // A motif chosen in one chart or table is marked in all charts and tables of its section.
  const chosen = new Map(); // section -> motif

  async function show(element) {
    const motif = chosen.get(element.closest("section")) ?? null;
    const view = await views.get(element);
    if (!view || !store.charts[element.id].spec.params.some(({ name }) => name === "chosen")) return;
    if (view.signal("chosen") !== motif) await view.signal("chosen", motif).runAsync();
  }

  function choose(section, motif) {
    const next = chosen.get(section) === motif ? null : motif;
    chosen.set(section, next);
    for (const element of section.querySelectorAll("div.chart.is-live")) show(element);
    mark(section);
    const list = section.querySelector("select.motif");
    if (list) list.value = next ?? "";
  }

  function mark(section) {
    const motif = chosen.get(section) ?? null;
    for (const link of section.querySelectorAll("[data-motif]")) {
      (link.closest("tr") ?? link).classList.toggle("chosen", motif !== null && link.dataset.motif === motif);
    }
  }

  function choosable(element, view) {
    view.addEventListener("click", (event, item) => {
      const motif = item?.datum?.motif;
      if (typeof motif === "string") choose(element.closest("section"), motif);
    });
    show(element);
  }

  // The same by keyboard: a list of the motifs that a section's charts know.
  function listed(section) {
    const motifs = new Set();
    const charts = [...section.querySelectorAll("div.chart")].filter(({ id }) => {
      const table = store.tables[store.charts[id].table];
      const place = table.names.indexOf("motif");
      if (place < 0) return false;
      const column = table.columns[place];
      for (const name of Array.isArray(column) ? column : column.levels) motifs.add(name);
      return true;
    });
    if (!charts.length || motifs.size < 2) return;
    const label = document.createElement("label");
    label.className = "choice";
    label.append("Mark a motif: ");
    const list = document.createElement("select");
    list.className = "motif";
    list.append(new Option("none", ""), ...[...motifs].map((name) => new Option(name, name)));
    list.addEventListener("change", () => {
      chosen.delete(section);
      choose(section, list.value || null);
    });
    label.append(list);
    (section.querySelector(".intro") ?? section.querySelector("h2"))?.after(label);
  }

  async function picture(element, kind) {
    const { file, table } = store.charts[element.id];
    if (kind === "tsv") return cistill.save(`${file}.tsv`, tsv(store.tables[table]), "text/tab-separated-values");
    const view = await draw(element);
    const ground = view.background();
    await view.background("#ffffff").runAsync(); // what is saved has the colours for white ground
    const saved = kind === "svg" ? await view.toSVG() : await view.toImageURL("png", SCALE_OF_PNG);
    await view.background(ground).runAsync();
    return cistill.save(`${file}.${kind}`, saved, "image/svg+xml");
  }

  // A drawing that is not of Vega (logos, tracks) as a file of its own: with its letters and the styles that it is shown
  // with, for white ground.
  function standalone(drawing) {
    const copy = drawing.cloneNode(true);
    const ground = document.documentElement.style.colorScheme;
    document.documentElement.style.colorScheme = "light";
    const [shown, written] = [drawing, copy].map((root) => [root, ...root.querySelectorAll("*")]);
    shown.forEach((element, place) => {
      const style = getComputedStyle(element);
      for (const name of ["fill", "stroke", "stroke-width", "font-family", "font-size"]) {
        written[place].setAttribute(name, style.getPropertyValue(name));
      }
      if (element.tagName === "use") written[place].removeAttribute("fill");
    });
    const shapes = document.createElementNS("http://www.w3.org/2000/svg", "defs");
    shapes.append(...[...document.querySelectorAll("svg.shapes path")].map((shape) => shape.cloneNode(true)));
    copy.prepend(shapes);
    document.documentElement.style.colorScheme = ground;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    return new XMLSerializer().serializeToString(copy);
  }

  async function saveDrawing(drawing, name, kind) {
    const text = standalone(drawing);
    if (kind === "svg") return cistill.save(`${name}.svg`, text, "image/svg+xml");
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width * SCALE_OF_PNG, image.height * SCALE_OF_PNG];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return cistill.save(`${name}.png`, canvas.toDataURL("image/png"), "image/png");
  }

  for (const drawing of document.querySelectorAll("figure > svg")) {
    const name = (drawing.querySelector("title")?.textContent ?? "drawing").replace(/[^\p{L}\p{N}_.-]+/gu, "-");
    const tools = document.createElement("div");
    tools.className = "tools";
    tools.append(...["svg", "png"].map((kind) => cistill.button(
      kind.toUpperCase(), `Save ${name} as ${kind.toUpperCase()}`, () => saveDrawing(drawing, name, kind))));
    drawing.after(tools);
  }
  for (const element of document.querySelectorAll("div.chart")) {
    const tools = document.createElement("div");
    tools.className = "tools";
    const title = element.closest("figure")?.querySelector(".title")?.textContent ?? "the chart";
    const reset = cistill.button("Whole range", `Show the whole range of ${title}`, () => whole(element));
    reset.className = "reset";
    tools.append(reset, ...["svg", "png", "tsv"].map((kind) => cistill.button(
      kind.toUpperCase(), `Save ${kind === "tsv" ? `the numbers of ${title}` : title} as ${kind.toUpperCase()}`,
      () => picture(element, kind))));
    element.after(tools);
    cistill.whenNear(element, () => draw(element));
  }
  for (const section of document.querySelectorAll("main section")) {
    listed(section);
    section.addEventListener("click", (event) => {
      const link = event.target.closest("tr")?.querySelector("[data-motif]");
      if (link && !event.target.closest("a")) choose(section, link.dataset.motif);
    });
  }
  return { draw, rows, tsv, choose, mark, views };
})();
