// Pasted text to sequences, and sequences to energies by a distilled matrix: the figures of
// `cistill.affinity.comparators.scoring_matrices` (best window of both strands, and all windows together).
const sequenceEnergies = (() => {
  "use strict";
  const MOST = 1000; // sequences
  const LONGEST = 2_000_000; // letters
  const UNKNOWN = 4;
  const LETTERS = "ACGTN";
  const CODE_OF = Object.fromEntries([..."ACGTU"].map((letter, i) => [letter, i === 4 ? 3 : i]));
  const AMBIGUOUS = /^[RYSWKMBDHVNX.-]$/;

  // Sequences of FASTA, or of plain lines: { sequences: [{ name, codes, unknown, problem }], problem }.
  function read(text) {
    if (text.length > LONGEST) {
      const most = LONGEST.toLocaleString("en");
      return { sequences: [], problem: `The text has ${text.length.toLocaleString("en")} characters; the box takes ${most} at most. Use cistill predict or cistill marginalize for more.` };
    }
    const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).map((line) => line.trim());
    const named = lines.some((line) => line.startsWith(">"));
    const records = [];
    for (const line of lines) {
      if (!line || line.startsWith(";")) continue;
      if (line.startsWith(">")) records.push({ name: line.slice(1).trim(), parts: [] });
      else if (named && records.length) records.at(-1).parts.push(line);
      else records.push({ name: "", parts: [line] });
    }
    if (!records.length) return { sequences: [], problem: "" };
    if (records.length > MOST) {
      return { sequences: [], problem: `${records.length.toLocaleString("en")} sequences; the box takes ${MOST.toLocaleString("en")} at most. Use cistill predict or cistill marginalize for more.` };
    }
    return { sequences: records.map(({ name, parts }, i) => sequence(name || `sequence ${i + 1}`, parts.join(""))), problem: "" };
  }

  // One sequence: spaces and 5'-...-3' are left out, U is T, lower case is upper case, other bases are unknown.
  function sequence(name, given) {
    const text = given.replace(/\s/g, "").replace(/^5['′’]-?|-?3['′’]$/g, "").toUpperCase();
    if (!text) return { name, codes: new Uint8Array(0), unknown: 0, problem: "no sequence follows its name" };
    const codes = new Uint8Array(text.length);
    let unknown = 0;
    for (let i = 0; i < text.length; i++) {
      const code = CODE_OF[text[i]];
      if (code === undefined) {
        if (!AMBIGUOUS.test(text[i])) {
          return { name, codes: codes.slice(0, 0), unknown, problem: `“${text[i]}” at position ${i + 1} stands for no base` };
        }
        unknown++;
      }
      codes[i] = code ?? UNKNOWN;
    }
    return { name, codes, unknown, problem: "" };
  }

  const letters = (codes) => Array.from(codes, (code) => LETTERS[code]).join("");

  // The matrix of the other strand, read along this one.
  const turned = (rows) => rows.map((row) => [...row].reverse()).reverse();

  // Energy (kcal/mol, lower is tighter) of the best window of both strands, where it is, what its letters cost against
  // the best letter of their position, and the energy of all windows together. Windows with unknown bases are left out.
  function score(codes, { ddG, rt }) {
    const length = ddG.length;
    if (codes.length < length) return { problem: `shorter than the matrix (${length} bp)` };
    let best = null;
    const energies = [];
    for (const [strand, rows] of [["+", ddG], ["−", turned(ddG)]]) {
      for (let start = 0; start + length <= codes.length; start++) {
        let energy = 0;
        for (let i = 0; i < length && energy === energy; i++) energy += rows[i][codes[start + i]] ?? NaN;
        if (energy !== energy) continue;
        energies.push(energy);
        if (!best || energy < best.energy) best = { energy, start, strand };
      }
    }
    if (!best) return { problem: `every window of ${length} bp holds a letter other than A, C, G, T` };
    const window = codes.slice(best.start, best.start + length);
    const site = best.strand === "+" ? window : window.map((code) => 3 - code).reverse();
    const weight = energies.reduce((sum, energy) => sum + Math.exp((best.energy - energy) / rt), 0);
    const costs = Array.from(site, (code, i) => {
      const least = Math.min(...ddG[i]);
      return { position: i + 1, letter: LETTERS[code], best: LETTERS[ddG[i].indexOf(least)], cost: ddG[i][code] - least };
    });
    return { ...best, site: letters(site), costs, all: best.energy - rt * Math.log(weight), problem: "" };
  }

  return { read, score, letters, MOST, LONGEST };
})();
