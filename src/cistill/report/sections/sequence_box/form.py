"""The form of the sequence box: what stands on the page before a sequence is pasted."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from cistill.formats.page_model import PageModel
from cistill.report.drawing.wording import count, decimal
from cistill.report.sections.sequence_box.matrices import PageMatrix

FORM = Markup("""<form id="sequence-box" autocomplete="off">
<p><label for="sequence-text">Sequences, one a line or FASTA</label>
<textarea id="sequence-text" data-part="text" rows="5" spellcheck="false" autocapitalize="off"></textarea></p>
<p class="choices">{choices}
<button type="button" data-part="example" data-text="{example}">Example</button>
<button type="button" data-part="predict" hidden>Predict all</button>
<button type="button" data-part="save" hidden>Save TSV</button></p>
<p data-part="status" role="status"></p>
<noscript><p class="note">The box works with JavaScript, without a network.</p></noscript>
<div data-part="energies"></div>
<div data-part="predictions"></div>
<div data-part="profile" hidden>
<p class="choices"><label>Profile of <select data-part="which"></select></label>{tasks}</p>
<div data-part="chart" role="img" aria-label="Predicted profile of the chosen sequence"></div>
</div>
</form>""")
CHOICE = Markup("<label>{label} <select data-part={part}>{options}</select></label>")
OPTION = Markup('<option value="{}">{}</option>')
SHOWN = 60  # letters of the example


def box_form(matrices: Sequence[PageMatrix], model: PageModel | None) -> Markup:
    """Return the form, with a choice of matrices and of tasks where there are several."""
    tasks = () if model is None else tuple(model.votes)
    return FORM.format(
        choices=_choice("Matrix of", "matrix", [matrix.name for matrix in matrices]),
        tasks=_choice("task", "task", tasks),
        example=_example(matrices, model),
    )


def _choice(label: str, part: str, names: Sequence[str]) -> Markup:
    if len(names) < 2:
        return Markup("")
    options = Markup("").join(OPTION.format(number, name) for number, name in enumerate(names))
    return CHOICE.format(label=label, part=part, options=options)


def _example(matrices: Sequence[PageMatrix], model: PageModel | None) -> str:
    """Return FASTA: the consensus and its worst single substitution, or without a matrix the middle of a background."""
    if not matrices:
        text = model.backgrounds[0] if model is not None and model.backgrounds else ""
        start = max((len(text) - SHOWN) // 2, 0)
        return f">shuffled peak\n{text[start : start + SHOWN]}\n"
    matrix = matrices[0]
    costs = [(value, place, code) for place, row in enumerate(matrix.ddg.tolist()) for code, value in enumerate(row)]
    _, place, code = max(costs)
    consensus = matrix.consensus
    changed = consensus[:place] + "ACGT"[code] + consensus[place + 1 :]
    return f">consensus\n{consensus}\n>{consensus[place]}{place + 1}{'ACGT'[code]}\n{changed}\n"


def network_words(model: PageModel) -> str:
    """Return what the network in the page is, and how far it is from the whole model."""
    record: dict[str, Any] = dict(model.record)
    of = f", one of {count(record['networks'])}" if int(record["networks"]) > 1 else ""
    words = (
        f"Predictions are of {record['chosen_by']} (run {record['run']}{of}), with weights of 16 bits and a control "
        "without reads. "
    )
    numbers = [record.get(name) for name in ("log_counts_r", "log_counts_difference", "profile_js_distance")]
    known = [float(number) for number in numbers if number is not None]
    if len(known) < len(numbers):
        return words
    r, difference, distance = known
    direction = "below" if difference < 0 else "above"
    return words + (
        f"On {count(record['compared_peaks'])} peaks its log counts follow those of the whole model with the peaks' "
        f"own controls (r = {decimal(r, 3)}) and are on average {decimal(abs(difference), 2)} {direction} them; the "
        f"median Jensen-Shannon distance of the profiles is {decimal(distance, 3)}."
    )
