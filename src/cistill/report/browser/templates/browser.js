"use strict";
// Tracks of the page from its own data; igv.js draws all but letters.
(async function () {
    const data = JSON.parse(document.getElementById("data").textContent);
    const OUTLINES = data.letters.outlines, COLOURS = data.letters.colours;
    const LEAST_WIDTH = 3; // pixels of a base that is drawn as a letter

    function numbers(stretch) {
        const bytes = Uint8Array.from(atob(stretch.data), letter => letter.charCodeAt(0));
        return stretch.type === "u2" ? new Uint16Array(bytes.buffer) : new Float32Array(bytes.buffer);
    }

    // One feature for each base with a value; the minus strand is drawn downwards.
    function features(stretches, sign, baseOf) {
        const found = [];
        for (const stretch of stretches) {
            numbers(stretch).forEach((value, at) => {
                const start = stretch.start + at;
                if (value !== 0 && !Number.isNaN(value)) {
                    const feature = {chr: stretch.chr, start, end: start + 1, value: sign * value};
                    if (baseOf) feature.base = baseOf(stretch.chr, start);
                    found.push(feature);
                }
            });
        }
        return found;
    }

    function baseAt(chr, position) {
        for (const one of data.sequence) {
            if (one.chr === chr && one.start <= position && position < one.start + one.bases.length) {
                return one.bases[position - one.start];
            }
        }
        return "N";
    }

    // The sequence as FASTA of pieces, with the lengths of the chromosomes.
    function reference() {
        const pieces = data.sequence.map(one =>
            `>${one.chr}:${one.start + 1}-${one.start + one.bases.length} @len=${data.sizes[one.chr]}\n${one.bases}\n`);
        const known = new Set(data.sequence.map(one => one.chr));
        for (const chr of Object.keys(data.sizes)) {
            if (!known.has(chr)) pieces.push(`>${chr}:1-2 @len=${data.sizes[chr]}\nNN\n`);
        }
        return {
            id: data.tf, name: data.tf, indexed: false, wholeGenomeView: false, tracks: [],
            fastaURL: "data:text/plain;base64," + btoa(pieces.join("")),
        };
    }

    // igv.js takes names for HTML.
    function plain(text) {
        return text.replaceAll("<", "\u2039").replaceAll(">", "\u203a").replaceAll("&", "+");
    }

    function plainly(feature) {
        const texts = Object.entries(feature).filter(([name, value]) => name !== "chr" && typeof value === "string");
        return {...feature, ...Object.fromEntries(texts.map(([name, value]) => [name, plain(value)]))};
    }

    function track(one, order) {
        const common = {name: plain(one.name), order, id: one.key || one.name};
        if (one.kind === "ends") {
            const ends = one.strands.flatMap((stretches, strand) => features(stretches, strand ? -1 : 1));
            return {...common, type: "wig", height: 84, autoscale: true, autoscaleGroup: one.group, windowFunction: "none",
                color: one.colours[0], altColor: one.colours[1], features: ends};
        }
        if (one.kind === "letters") {
            return {...common, type: "letters", height: 84, autoscale: true, windowFunction: "none", color: "#5b6776", altColor: "#5b6776",
                features: features(one.stretches, 1, baseAt)};
        }
        return {...common, type: "annotation", displayMode: one.kind === "genes" ? "COLLAPSED" : "EXPANDED",
            height: 44, autoHeight: false, searchable: false,
            features: one.features.map(plainly)};
    }

    // Letters as high as the contribution, upside down below zero; bars where bases are too narrow for letters.
    function lettersOf(Wig) {
        const paths = {};
        for (const base of Object.keys(OUTLINES)) paths[base] = new Path2D(OUTLINES[base]);
        return class extends Wig {
            draw(options) {
                const perBase = 1 / options.bpPerPixel;
                if (perBase < LEAST_WIDTH || !options.features) return super.draw(options);
                const context = options.context, range = this.dataRange, height = options.pixelHeight - 1;
                const pixels = height / (range.max - range.min), zero = range.max * pixels;
                const last = options.bpStart + options.pixelWidth * options.bpPerPixel;
                for (const one of options.features) {
                    if (one.end < options.bpStart || one.start > last || !paths[one.base]) continue;
                    context.save();
                    context.translate((one.start - options.bpStart) * perBase, zero);
                    context.scale(perBase * 0.94 / 100, one.value * pixels / 100);
                    context.translate(0, -100);
                    context.fillStyle = COLOURS[one.base];
                    context.fill(paths[one.base], "evenodd");
                    context.restore();
                }
                context.fillStyle = "#9aa5b1";
                context.fillRect(0, Math.round(zero), options.pixelWidth, 1);
            }
        };
    }

    const browser = await igv.createBrowser(document.getElementById("browser"), {
        reference: reference(), locus: data.places[0].locus, loadDefaultGenomes: false, genomeList: [], tracks: [],
        nucleotideColors: COLOURS, showCenterGuideButton: true, showCursorTrackingGuideButton: true, minimumBases: 20,
    });
    const wig = await igv.createTrack({type: "wig", name: "", features: []}, browser);
    igv.registerTrackClass("letters", lettersOf(wig.constructor));
    await browser.loadTrackList(data.tracks.map((one, at) => track(one, at + 1)));

    const buttons = Array.from(document.querySelectorAll("button[data-locus]"));
    function mark(chosen) {
        for (const button of buttons) button.setAttribute("aria-current", String(button === chosen));
    }
    for (const button of buttons) {
        button.addEventListener("click", () => {
            browser.search(button.dataset.locus);
            mark(button);
        });
    }
    mark(buttons[0]);
    window.cistillBrowser = browser;
    document.documentElement.dataset.ready = "true";
})();
