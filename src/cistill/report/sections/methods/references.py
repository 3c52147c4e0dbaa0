"""The publications behind the methods, as a paper cites them."""

REFERENCES = {
    "Alexandari et al. 2023": "Alexandari AM, et al. De novo distillation of thermodynamic affinity from deep learning "
    "regulatory sequence models of in vivo protein-DNA binding. bioRxiv, 2023.",
    "Altschul and Erickson 1985": "Altschul SF, Erickson BW. Significance of nucleotide sequence alignments: a method "
    "for random sequence permutation that preserves dinucleotide and codon usage. Molecular Biology and Evolution 2, "
    "1985.",
    "Avsec et al. 2021": "Avsec Ž, et al. Base-resolution models of transcription-factor binding reveal soft motif "
    "syntax. Nature Genetics 53, 2021.",
    "Benjamini and Hochberg 1995": "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and "
    "powerful approach to multiple testing. Journal of the Royal Statistical Society B 57, 1995.",
    "Gupta et al. 2007": "Gupta S, Stamatoyannopoulos JA, Bailey TL, Noble WS. Quantifying similarity between motifs. "
    "Genome Biology 8, 2007.",
    "Korhonen et al. 2009": "Korhonen J, et al. MOODS: fast search for position weight matrix matches in DNA "
    "sequences. Bioinformatics 25, 2009.",
    "Lundberg and Lee 2017": "Lundberg SM, Lee SI. A unified approach to interpreting model predictions. Advances in "
    "Neural Information Processing Systems 30, 2017.",
    "Newcombe 2006": "Newcombe RG. Confidence intervals for an effect size measure based on the Mann-Whitney "
    "statistic. Part 2. Statistics in Medicine 25:559, 2006.",
    "Shrikumar et al. 2017": "Shrikumar A, Greenside P, Kundaje A. Learning important features through propagating "
    "activation differences. Proceedings of Machine Learning Research 70 (ICML), 2017.",
    "Shrikumar et al. 2018": "Shrikumar A, et al. Technical note on Transcription Factor Motif Discovery from "
    "Importance Scores (TF-MoDISco). arXiv, 2018.",
    "Traag et al. 2019": "Traag VA, Waltman L, van Eck NJ. From Louvain to Leiden: guaranteeing well-connected "
    "communities. Scientific Reports 9, 2019.",
    "Wang et al. 2024": "Wang et al. Fi-NeMo, a program that finds motif instances in contributions, 2024.",
    "Wilson 1927": "Wilson EB. Probable inference, the law of succession, and statistical inference. Journal of the "
    "American Statistical Association 22, 1927.",
}
"""How a work is cited in the text, and the work."""


def cited(text: str) -> list[str]:
    """Return the works that a text cites, in alphabetical order."""
    return [work for name, work in REFERENCES.items() if name in text]
