// Tables that sort, filter, page, copy and save. A table stands in the page as rows; DataTables takes it over when it
// comes near the view. Without JavaScript it stays what it is.
"use strict";
cistill.tables = (() => {
  const SMALL = 8; // rows of a table that only sorts
  const SUPERSCRIPTS = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹";

  // The number that a cell of the page says: thousands, a real minus, powers of ten, percent, times.
  function number(words) {
    const text = String(words).replace(/<[^>]*>/g, " ").replace(/,/g, "").replace(/−/g, "-").trim();
    const time = /^(?:(\d+) h )?(\d+) min(?: (\d+) s)?/.exec(text);
    if (time) return (Number(time[1] ?? 0) * 60 + Number(time[2])) * 60 + Number(time[3] ?? 0);
    const power = /^(-?[\d.]+)×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/.exec(text);
    if (power) {
      const exponent = [...power[2]].map((letter) => "-0123456789"[SUPERSCRIPTS.indexOf(letter)]).join("");
      return Number(power[1]) * 10 ** Number(exponent);
    }
    const plain = parseFloat(text);
    return Number.isNaN(plain) ? -Infinity : plain; // what is missing comes last of a falling order
  }

  DataTable.type("written", { detect: () => false, order: { pre: number }, className: "number" });

  const LANGUAGE = {
    search: "Filter:", lengthMenu: "_MENU_ rows", info: "_START_ to _END_ of _TOTAL_ rows", infoEmpty: "no rows",
    infoFiltered: "(of _MAX_)", zeroRecords: "No row fits.", emptyTable: "No rows.",
    paginate: { first: "First", last: "Last", next: "Next", previous: "Previous" },
  };

  function buttons(name) {
    const options = { title: null, filename: name, exportOptions: { orthogonal: "export" } };
    return [
      { extend: "copyHtml5", text: "Copy", ...options },
      { extend: "csvHtml5", text: "TSV", fieldSeparator: "\t", fieldBoundary: "", extension: ".tsv", ...options },
      { extend: "csvHtml5", text: "CSV", ...options },
    ];
  }

  function settings(name, rows) {
    const small = rows <= SMALL;
    return {
      language: LANGUAGE, autoWidth: false, order: [], paging: rows > 25, pageLength: 25, lengthMenu: [10, 25, 100, 500],
      searching: !small, info: rows > 25,
      columnDefs: [{ targets: "number", type: "written" }],
      layout: small ? { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null } : {
        topStart: "search", topEnd: { buttons: buttons(name) },
        bottomStart: rows > 25 ? ["pageLength", "info"] : null, bottomEnd: rows > 25 ? "paging" : null,
      },
    };
  }

  function take(element) {
    const rows = element.tBodies[0]?.rows.length ?? 0;
    if (rows < 2 || DataTable.isDataTable(element)) return;
    const table = new DataTable(element, settings(element.dataset.file, rows));
    const section = element.closest("section");
    table.on("draw", () => cistill.charts.mark(section));
  }

  // What a reader asks a table of hits: part of the genome, motif, region, least confidence.
  function questions(names, columns) {
    const at = Object.fromEntries(names.map((name, place) => [name, place]));
    const found = [];
    if ("chrom" in at && "start" in at) {
      found.push({ words: "Locus", hint: "chr1 or chr1:1,000-2,000", accept: (asked) => {
        const parts = /^\s*([^:]+?)\s*(?::\s*([\d,]+)\s*(?:[-–]\s*([\d,]+))?)?\s*$/.exec(asked);
        if (!parts) return () => false;
        const place = (text) => Number(text.replace(/,/g, ""));
        const first = parts[2] ? place(parts[2]) : 0;
        const last = parts[3] ? place(parts[3]) : parts[2] ? first : Infinity;
        return (row) => row[at.chrom] === parts[1] && row[at.start] < Math.max(last, first + 1) && row[at.end] > first;
      } });
    }
    if ("motif" in at) {
      const column = columns[at.motif];
      const motifs = Array.isArray(column) ? [...new Set(column)] : column.levels;
      found.push({ words: "Motif", options: motifs, accept: (asked) => (row) => row[at.motif] === asked });
    }
    if ("region" in at) {
      found.push({ words: "Region", hint: "part of its name",
        accept: (asked) => (row) => String(row[at.region]).includes(asked.trim()) });
    }
    if ("confidence" in at) {
      found.push({ words: "Confidence at least", hint: "0.7", accept: (asked) => {
        const least = Number(asked.replace(",", "."));
        return (row) => row[at.confidence] >= least;
      } });
    }
    return found;
  }

  function ask(table, { words, hint, options, accept }) {
    const label = document.createElement("label");
    label.append(`${words}: `);
    const input = document.createElement(options ? "select" : "input");
    if (options) input.append(new Option("all", ""), ...options.map((name) => new Option(name, name)));
    else Object.assign(input, { type: "search", placeholder: hint, size: 14 });
    input.addEventListener(options ? "change" : "input", () => {
      const test = input.value.trim() === "" ? null : accept(input.value);
      table.search.fixed(words, test && ((text, row) => test(row))).draw();
    });
    label.append(input);
    return label;
  }

  // A table of very many rows: from its columns, rows made when they are shown.
  function load(element) {
    if (DataTable.isDataTable(element)) return;
    const { names, columns } = cistill.data(element.dataset.records);
    const values = columns.map((column) =>
      Array.isArray(column) ? column : column.codes.map((code) => column.levels[code]));
    const rows = Array.from({ length: values[0]?.length ?? 0 }, (_, row) => values.map((column) => column[row]));
    const numeric = (column) => Array.isArray(column) && column.every((value) => typeof value !== "string");
    element.tBodies[0].replaceChildren();
    const table = new DataTable(element, {
      ...settings(element.dataset.file, rows.length + SMALL), data: rows, deferRender: true, order: [],
      columnDefs: columns.map((column, target) => ({
        target, type: numeric(column) ? "num" : "string", className: numeric(column) ? "number" : "",
        render: DataTable.render.text(),
      })),
      createdRow: (line, row) => {
        const place = names.indexOf("motif");
        if (place >= 0) line.cells[place].dataset.motif = row[place];
      },
    });
    const asked = document.createElement("div");
    asked.className = "asked";
    asked.append(...questions(names, columns).map((question) => ask(table, question)));
    element.closest(".dt-container").prepend(asked);
    table.on("draw", () => cistill.charts.mark(element.closest("section")));
  }

  for (const element of document.querySelectorAll("table.records")) cistill.whenNear(element, () => load(element));
  for (const element of document.querySelectorAll("table.data")) cistill.whenNear(element, () => take(element));
  return { number, take, load };
})();
