"""Terms in the page's words: the first use in a section leads to the entry of the glossary."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from cistill.report.glossary import Term

LINK = Markup('<a class="term" href="#{}">{}</a>')


class Glosses:
    """The terms of a page, which finds them in text and remembers which were used.

    Parameters
    ----------
    terms : iterable of Term
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms = tuple(terms)
        self._used: set[Term] = set()
        self.begin("")

    def begin(self, section: str) -> str:
        """Begin a section: its terms are explained again. Returns no text, for use in a template."""
        known = [term for term in self._terms if not term.sections or section in term.sections]
        # where a word has several meanings, the one that holds in this section alone counts
        self._term_of = {
            form: term for term in sorted(known, key=lambda term: len(term.sections)) for form in term.forms
        }
        self._seen: set[Term] = set()
        longest_first = sorted(self._term_of, key=lambda form: (-len(form), form))
        self._pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(_either_case, longest_first))})(?![\w-]|\.\w)")
        return ""

    def __call__(self, text: str) -> Markup:
        """Return plain text, escaped, with the first use of each term linked to its entry; markup as it is."""
        if isinstance(text, Markup) or not self._term_of:
            return escape(text)
        parts, end = [Markup()], 0
        for found in self._pattern.finditer(text):
            word = found.group()
            term = self._term_of.get(word) or self._term_of[word[0].lower() + word[1:]]
            if term in self._seen:
                continue
            self._seen.add(term)
            parts += [escape(text[end : found.start()]), LINK.format(term.anchor, word)]
            end = found.end()
        self._used |= self._seen
        return Markup().join([*parts, escape(text[end:])])

    def used(self) -> list[Term]:
        """Return the terms that were linked so far, in the order of the glossary."""
        return [term for term in self._terms if term in self._used]


def _either_case(form: str) -> str:
    """Return a pattern for a form whose first letter may be a capital."""
    first = form[0]
    return (f"[{first}{first.upper()}]" if first.islower() else re.escape(first)) + re.escape(form[1:])
