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

  for (const element of document.querySelectorAll("table.data")) cistill.whenNear(element, () => take(element));
  return { number, take, LANGUAGE, buttons };
})();
