// The sequence box: what is pasted is scored at once by the distilled matrix, and predicted by the page's network in
// slices of time between which the page answers. Sums are in sequence_energies.js and sequence_network.js.
"use strict";
cistill.sequenceBox = (() => {
  const AT_ONCE = 10; // sequences that are predicted without asking
  const SHOWN = 100; // rows
  const WAIT = 200; // milliseconds after the last key
  const form = document.getElementById("sequence-box");
  if (!form) return null;
  const matrices = cistill.data("sequence-matrices") ?? [];
  const model = cistill.data("page-model");
  const part = (name) => form.querySelector(`[data-part="${name}"]`);
  const text = part("text"), status = part("status");
  let network = null; // prepared when it is first needed
  let given = { sequences: [], problem: "" }, predictions = [], turn = 0, timer = 0;

  const rounded = (value, digits = 2) => value.toFixed(digits).replace("-", "−").replace(/^−(0\.?0*)$/, "$1");
  const matrix = () => matrices[Number(part("matrix")?.value ?? 0)];
  const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

  function element(name, content, attributes = {}) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...[content].flat());
    return made;
  }

  // A table with a caption; columns are { name, number }.
  function table(caption, columns, rows) {
    const head = columns.map(({ name, number }) => element("th", name, { scope: "col", class: number ? "number" : "" }));
    const body = rows.map((cells) => element("tr", cells.map((cell, i) =>
      element("td", cell, { class: [columns[i].number ? "number" : "", columns[i].sequence ? "sequence" : ""].join(" ").trim() }))));
    const made = element("table", [element("thead", element("tr", head)), element("tbody", body)]);
    const scroll = element("div", made, { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
    return [element("div", scroll, { class: "table" }), ...(caption ? [element("p", caption, { class: "caption" })] : [])];
  }

  const say = (...words) => { status.textContent = words.filter(Boolean).join(" "); };

  function costly({ costs }) {
    const dear = costs.filter(({ cost }) => cost >= 0.05).sort((one, other) => other.cost - one.cost);
    const words = dear.slice(0, 4).map(({ position, letter, best, cost }) => `${letter}${position} (best ${best}) +${rounded(cost)}`);
    return words.length ? words.join(", ") + (dear.length > 4 ? `, ${dear.length - 4} more` : "") : "none";
  }

  function energies() {
    const own = matrix();
    part("energies").replaceChildren();
    if (!own || !given.sequences.length) return;
    const shown = given.sequences.slice(0, SHOWN);
    const error = own.error === null ? "" : ` ± ${rounded(own.error)}`;
    const rows = shown.map(({ name, codes, problem }) => {
      const found = problem ? { problem } : sequenceEnergies.score(codes, own);
      if (found.problem) return [name, codes.length.toLocaleString("en"), found.problem, "", "", "", ""];
      const { energy, start, strand, site, all } = found;
      const place = `${(start + 1).toLocaleString("en")}–${(start + site.length).toLocaleString("en")}`;
      return [name, codes.length.toLocaleString("en"), rounded(energy) + error, `${place} ${strand}`, site, costly(found), rounded(all)];
    });
    const columns = [
      { name: "sequence" }, { name: "bp", number: true }, { name: "ΔΔG, kcal/mol", number: true }, { name: "best site, strand" },
      { name: "site", sequence: true }, { name: "letters that cost, kcal/mol" }, { name: "all sites, kcal/mol", number: true },
    ];
    const rest = given.sequences.length > SHOWN ? ` The first ${SHOWN} of ${given.sequences.length.toLocaleString("en")}; all are in the file.` : "";
    part("energies").append(...table(`Energies by the matrix of ${own.name}: ${own.words}${rest}`, columns, rows));
  }

  const average = (lists) => Array.from(lists[0], (_, i) => lists.reduce((sum, list) => sum + list[i], 0) / lists.length);

  // Predictions of backgrounds [background][task], averaged: [task] of { profile, logCounts }.
  function averaged(predicted) {
    return predicted[0].map((_, task) => ({
      profile: [0, 1].map((strand) => average(predicted.map((one) => one[task].profile[strand]))),
      logCounts: average(predicted.map((one) => one[task].logCounts)),
    }));
  }

  // One sequence by the network: a long one as it is, its middle; a short one in the middle of each background.
  function* predicted({ codes, unknown, problem }) {
    network ??= sequenceNetwork.prepare(model);
    const length = network.config.input_length;
    if (problem) return { problem };
    if (codes.length >= length) {
      const start = Math.floor((codes.length - length) / 2);
      const own = yield* sequenceNetwork.predict(network, codes.slice(start, start + length));
      return { own, without: null, effects: null, problem: "" };
    }
    if (unknown) return { problem: "holds letters other than A, C, G, T, so that it is not put into backgrounds" };
    const found = yield* sequenceNetwork.marginalize(network, codes);
    const effects = found.effects[0].map((_, task) => found.effects.map((row) => row[task]));
    return { own: averaged(found.predicted), without: averaged(found.without), effects, problem: "" };
  }

  async function predict(most = Infinity) {
    if (!model || model.not_available) return;
    const own = ++turn, sequences = given.sequences;
    predictions = [];
    draw();
    if (!sequences.length) return;
    if (sequences.length > most) {
      part("predict").hidden = false;
      return;
    }
    part("predict").hidden = true;
    const began = performance.now();
    for (const [i, sequence] of sequences.entries()) {
      if (sequences.length > 1) say(`Predicting sequence ${i + 1} of ${sequences.length}.`);
      const found = await sequenceNetwork.inSlices(predicted(sequence), () => turn !== own);
      if (turn !== own) return;
      predictions.push(found);
    }
    draw();
    say(`${count(sequences.length, "sequence")} read and predicted in ${rounded((performance.now() - began) / 1000, 1)} s.`, problems());
  }

  function problems() {
    const wrong = given.sequences.filter(({ problem }) => problem);
    if (!wrong.length) return "";
    return `${count(wrong.length, "sequence")} cannot be read, for example ${wrong[0].name}: ${wrong[0].problem}.`;
  }

  function effect(values) {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const least = Math.min(...values), most = Math.max(...values);
    return `${rounded(mean)} (${rounded(least)} to ${rounded(most)})`;
  }

  // Rows of the predictions: one for each sequence and task.
  function rowsOf(i) {
    const { name, codes } = given.sequences[i], found = predictions[i];
    if (found.problem) return [[name, "", found.problem, "", "", ""]];
    return model.votes.map((task, t) => [
      name, task, codes.length < model.network.input_length ? `${codes.length} bp in each background` : "its middle, as it is",
      ...found.own[t].logCounts.map((value) => rounded(value)), found.effects ? effect(found.effects[t]) : "–",
    ]);
  }

  function draw() {
    part("predictions").replaceChildren();
    part("profile").hidden = !predictions.some(({ problem }) => !problem);
    part("save").hidden = !given.sequences.length;
    if (!predictions.length) return;
    const columns = [
      { name: "sequence" }, { name: "task" }, { name: "predicted" }, { name: "log counts +", number: true },
      { name: "log counts −", number: true }, { name: "effect on log counts (range)", number: true },
    ];
    const caption = `Log counts are ln(1 + 5' ends in ${model.network.output_length.toLocaleString("en")} bp); the effect is their change by the ` +
      `sequence in ${count(model.backgrounds.length, "shuffled peak")}, mean of both orientations.`;
    const rows = predictions.slice(0, SHOWN).flatMap((_, i) => rowsOf(i));
    part("predictions").append(...table(caption, columns, rows));
    const options = predictions.flatMap(({ problem }, i) => problem ? [] : [new Option(given.sequences[i].name, i)]);
    part("which").replaceChildren(...options);
    profile();
  }

  // The predicted profile of the chosen sequence and task, as expected 5' ends.
  async function profile() {
    if (part("profile").hidden) return;
    const found = predictions[Number(part("which").value)], task = Number(part("task")?.value ?? 0);
    const length = model.network.output_length, values = [];
    const series = [["with the sequence", found.own[task]], ...(found.without ? [["backgrounds alone", found.without[task]]] : [])];
    for (const [what, { profile: rows, logCounts }] of series) {
      rows.forEach((row, s) => row.forEach((share, p) => values.push({
        what, strand: s ? "−" : "+", position: p - Math.floor(length / 2), ends: share * Math.expm1(logCounts[s]),
      })));
    }
    const own = found.own[task].profile;
    const peaks = own.map((row) => row.indexOf(Math.max(...row)) - Math.floor(length / 2));
    const label = `Predicted profile: most 5' ends at ${peaks[0]} bp on the + strand and ${peaks[1]} bp on the − strand.`.replaceAll("-", "−");
    part("chart").setAttribute("aria-label", label);
    const spec = {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      data: { values }, width: Math.max(part("chart").clientWidth, 280), height: 260, background: null,
      autosize: { type: "fit", contains: "padding" }, mark: { type: "line", interpolate: "step" },
      encoding: {
        x: { field: "position", type: "quantitative", title: "position from the middle, bp", scale: { nice: false } },
        y: { field: "ends", type: "quantitative", title: "expected 5' ends" },
        color: { field: "strand", type: "nominal" },
        strokeDash: { field: "what", type: "nominal", sort: series.map(([what]) => what), legend: { orient: "bottom" } },
        tooltip: [{ field: "what" }, { field: "strand" }, { field: "position", type: "quantitative" },
          { field: "ends", type: "quantitative", format: ".3~g" }],
      },
    };
    const config = cistill.data("charts")?.theme ?? {};
    const live = element("div", [], { "aria-hidden": "true" }); // what it shows is said by the element around it
    part("chart").replaceChildren(live);
    await vegaEmbed(live, spec, { actions: false, ast: true, renderer: "svg", config });
  }

  // All figures in full, one row for each sequence and task.
  function saved() {
    const own = matrix();
    const tasks = predictions.length ? model.votes : [""];
    const names = ["sequence", "bp", "problem", "ddG", "error", "start", "end", "strand", "site", "costs", "ddG_all_sites"];
    names.push("task", "log_counts_plus", "log_counts_minus", "effect", "effects");
    const lines = given.sequences.flatMap(({ name, codes, problem }, i) => tasks.map((task, t) => {
      const scored = own && !problem ? sequenceEnergies.score(codes, own) : { problem };
      const made = predictions[i] && !predictions[i].problem ? predictions[i] : null;
      const site = scored.problem || !own ? Array(8).fill("") : [
        scored.energy, own.error ?? "", scored.start + 1, scored.start + scored.site.length, scored.strand.replace("−", "-"), scored.site,
        scored.costs.map(({ cost }) => rounded(cost, 3)).join(","), scored.all];
      const effects = made?.effects?.[t] ?? [];
      const mean = effects.length ? effects.reduce((sum, value) => sum + value, 0) / effects.length : "";
      return [name, codes.length, scored.problem || predictions[i]?.problem || "", ...site, task,
        ...(made ? made.own[t].logCounts : ["", ""]), mean, effects.join(",")];
    }));
    const cell = (value) => String(value).replace(/[\t\r\n]/g, " ");
    return [names, ...lines].map((cells) => cells.map(cell).join("\t")).join("\n") + "\n";
  }

  function update() {
    turn++;
    given = sequenceEnergies.read(text.value);
    predictions = [];
    const number = given.sequences.length;
    say(given.problem || (number ? `${count(number, "sequence")} read.` : ""), problems());
    energies();
    return predict(AT_ONCE);
  }

  text.addEventListener("input", () => {
    clearTimeout(timer);
    turn++; // what is being predicted is of an older text
    say();
    timer = setTimeout(update, WAIT);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  part("matrix")?.addEventListener("change", energies);
  part("predict")?.addEventListener("click", () => predict());
  part("example").addEventListener("click", () => {
    text.value = part("example").dataset.text;
    update();
  });
  part("save").addEventListener("click", () => cistill.save("sequences.tsv", saved(), "text/tab-separated-values"));
  part("which")?.addEventListener("change", profile);
  part("task")?.addEventListener("change", profile);
  return { update, predict, saved, rows: () => predictions };
})();
