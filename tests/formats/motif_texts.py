"""The same two motifs, as every program writes them, and files of motifs that are none."""

COUNTS = {"A": [8, 0, 4], "C": [0, 4, 2], "G": [0, 4, 2], "T": [2, 2, 2]}
"""Of the first motif: three positions of ten sites."""

JASPAR = """>MA0001.1 ABC
A [ 8 0 4 ]
C [ 0 4 2 ]
G [ 0 4 2 ]
T [ 2 2 2 ]
>MA0002.3\tX::Y(var.2)
A [1 0 0 0 0]
C [0 1 0 0 0]
G [0 0 1 0 0]
T [0 0 0 1 1]
"""
JASPAR_RAW = ">MA0001.1\tABC\n8 0 4\n0 4 2\n0 4 2\n2 2 2\n>MA0002.3\n1 0 0 0 0\n0 1 0 0 0\n0 0 1 0 0\n0 0 0 1 1\n"
JASPAR_LETTERS = ">MA0001.1 ABC\nA 8 0 4\nC 0 4 2\nG 0 4 2\nT 2 2 2\n"
JASPAR_LOWER = ">MA0001.1 ABC\na [8 0 4]\nc [0 4 2]\ng [0 4 2]\nt [2 2 2]\n"
HOMER = """>ANV\tABC(bHLH)/K562-ABC-ChIP-Seq(GSE1)/Homer\t8.66\t-10.8\t0\tT:20.0(5%),B:1.0(0.1%),P:1e-9
0.800\t0.000\t0.000\t0.200
0.000\t0.400\t0.400\t0.200
0.400\t0.200\t0.200\t0.200
>ACGT\t1-ACGT,BestGuess:X Y(Zf)/Z/Homer(0.9)\t6.1\t-9\t0
0.997\t0.001\t0.001\t0.001
0.001\t0.997\t0.001\t0.001
0.001\t0.001\t0.997\t0.001
0.001\t0.001\t0.001\t0.997
"""
TRANSFAC = """VV  made by hand
XX
//
AC  M00001
XX
ID  V$ABC_01
XX
NA  ABC
XX
P0      A      C      G      T
01      8      0      0      2      A
02      0      4      4      2      S
03      4      2      2      2      N
XX
BF  T00001; ABC; Species: mouse
RN  [1]; RE0000231.
//
AC  M00002
ID  V$DEF_01
PO  A C G T
1 1 0 0 0
2 0 1 0 0
//
"""
MEME_FULL = """********************************************************************************
MEME - Motif discovery tool
********************************************************************************
MEME version 5.5.4 (Release date: 2023)

ALPHABET "DNA" DNA-LIKE
A "Adenine" CC0000 ~ T "Thymine" 0000CC
C "Cytosine" 0000CC ~ G "Guanine" FFB300
N "Any base" = ACGT
R = AG
U = T
END ALPHABET

********************************************************************************
MOTIF ANV MEME-1\twidth =   3  sites =  10  llr = 20  E-value = 1.0e-003
********************************************************************************
\tMotif ANV MEME-1 position-specific scoring matrix
--------------------------------------------------------------------------------
log-odds matrix: alength= 4 w= 3 n= 100 bayes= 7 E= 1.0e-003
   162  -1000  -1000   -32
 -1000    67     67    -32
    67   -32    -32    -32
--------------------------------------------------------------------------------
\tMotif ANV MEME-1 position-specific probability matrix
--------------------------------------------------------------------------------
letter-probability matrix: alength= 4 w= 3 nsites= 10 E= 1.0e-003
 0.800000  0.000000  0.000000  0.200000
 0.000000  0.400000  0.400000  0.200000
 0.400000  0.200000  0.200000  0.200000
--------------------------------------------------------------------------------
Time  0.10 secs.
"""
MEME_MINIMAL = """MEME version 4

ALPHABET= ACGT

MOTIF MA0001.1 ABC
letter-probability matrix: alength= 4 w= 3 nsites= 10 E= 0
0.8 0 0 0.2
0 0.4 0.4 0.2
0.4 0.2 0.2 0.2
URL http://example.org
"""
STREME = MEME_MINIMAL.replace("ABC", "STREME-1").replace("ALPHABET= ACGT", "ALPHABET DNA")
WEEDER = ">1 ANV\nA\t0.8\t0\t0.4\nC\t0\t0.4\t0.2\nG\t0\t0.4\t0.2\nT\t0.2\t0.2\t0.2\n"
CISBP = "Pos\tA\tC\tG\tT\n1\t0.8\t0\t0\t0.2\n2\t0\t0.4\t0.4\t0.2\n3\t0.4\t0.2\t0.2\t0.2\n"
CISBP_ALL = (
    "TF\tT000001_2.00\nTF Name\tABC\nGene\tENSG01\nMotif\tM00001_2.00\nFamily\tbHLH\nSpecies\tHomo_sapiens\n"
    + CISBP
    + "\nTF\tT000002_2.00\nTF Name\tDEF\nMotif\tM00002_2.00\n"
    + CISBP
)
UNIPROBE_ROWS = "A:\t0.8\t0\t0.4\nC:\t0\t0.4\t0.2\nG:\t0\t0.4\t0.2\nT:\t0.2\t0.2\t0.2\n"
UNIPROBE = f"Protein: Abc\tSeed k-mer: ACGTACGT\tEnrichment Score: 0.49\n{UNIPROBE_ROWS}"
UNIPROBE_BARE = f"Abc_primary\n\n{UNIPROBE_ROWS}"
HOCOMOCO = ">ABC_HUMAN.H11MO.0.A\n8 0 0 2\n0 4 4 2\n4 2 2 2\n"
FOUR_ROWS = "8 0 4\n0 4 2\n0 4 2\n2 2 2\n"
FOUR_COLUMNS = "8 0 0 2\n0 4 4 2\n4 2 2 2\n"
OTHER_ORDER = "T,G,C,A\n2,0,0,8\n2,4,4,0\n2,2,2,4\n"
SEVERAL_TABLES = FOUR_ROWS + "\n" + FOUR_ROWS
BARS = "A | 8 0 4\nC | 0 4 2\nG | 0 4 2\nT | 2 2 2\n"
PSAM = ",1,2,3\nA,1,0,1\nC,0,1,0.5\nG,0,1,0.5\nT,0.25,0.5,0.5\n"
DECIMAL_COMMAS = "0,8 0 0 0,2\n0 0,4 0,4 0,2\n0,4 0,2 0,2 0,2\n"

GOOD = {
    "jaspar": (JASPAR, "jaspar", ["MA0001.1 ABC", "MA0002.3 X::Y(var.2)"]),
    "jaspar raw": (JASPAR_RAW, "jaspar", ["MA0001.1 ABC", "MA0002.3"]),
    "jaspar letters": (JASPAR_LETTERS, "jaspar", ["MA0001.1 ABC"]),
    "jaspar lower case": (JASPAR_LOWER, "jaspar", ["MA0001.1 ABC"]),
    "homer": (HOMER, "homer", ["ABC(bHLH)/K562-ABC-ChIP-Seq(GSE1)/Homer", "1-ACGT BestGuess:X Y(Zf)/Z/Homer(0.9)"]),
    "transfac": (TRANSFAC, "transfac", ["M00001 ABC", "M00002 V$DEF_01"]),
    "meme full": (MEME_FULL, "meme", ["ANV MEME-1"]),
    "meme minimal": (MEME_MINIMAL, "meme", ["MA0001.1 ABC"]),
    "streme": (STREME, "streme", ["MA0001.1 STREME-1"]),
    "weeder": (WEEDER, "weeder", ["1 ANV"]),
    "cisbp": (CISBP, "cisbp", ["my_file"]),
    "cisbp all": (CISBP_ALL, "cisbp", ["M00001_2.00 ENSG01", "M00002_2.00 DEF"]),
    "uniprobe": (UNIPROBE, "uniprobe", ["Abc"]),
    "uniprobe bare": (UNIPROBE_BARE, "uniprobe", ["Abc_primary"]),
    "hocomoco": (HOCOMOCO, "jaspar", ["ABC_HUMAN.H11MO.0.A"]),
    "four rows": (FOUR_ROWS, "matrix", ["my_file"]),
    "four columns": (FOUR_COLUMNS, "matrix", ["my_file"]),
    "other order": (OTHER_ORDER, "matrix", ["my_file"]),
    "several tables": (SEVERAL_TABLES, "matrix", ["my_file_1", "my_file_2"]),
    "bars": (BARS, "matrix", ["my_file"]),
    "decimal commas": (DECIMAL_COMMAS, "matrix", ["my_file"]),
}
"""Name to text, format and labels; the first motif is that of `COUNTS`."""

BAD = {
    "nothing": ("hello\n", "none of the known formats"),
    "sequences": (">a\nACGTACGT\n", "line 2: a sequence"),
    "three rows": (">a\nA [1 2]\nC [1 2]\nG [1 2]\n", "line 1: motif a needs one row of equal length"),
    "a base twice": (">a\nA [1 2]\nA [1 2]\nG [1 2]\nT [1 2]\n", "line 1: motif a needs one row of equal length"),
    "mixed lengths": (">a\nA [1 2]\nC [1]\nG [1 2]\nT [1 2]\n", "line 1: motif a needs one row of equal length"),
    "cut short": (JASPAR.rpartition("T [")[0], "line 6: motif MA0002.3 X::Y(var.2) needs one row"),
    "no width": (">a\nA []\nC []\nG []\nT []\n", "line 1: motif a has no position"),
    "no rows": (">a\n>b\nA [1]\nC [1]\nG [1]\nT [1]\n", "line 1: motif a needs one row"),
    "negative": (">a\nA [1 -2]\nC [1 2]\nG [1 2]\nT [1 2]\n", "line 2: negative numbers"),
    "nan": (">a\nA [1 nan]\nC [1 2]\nG [1 2]\nT [1 2]\n", "line 2: nan is not a finite number"),
    "1e400": (">a\nA [1 1e400]\nC [1 2]\nG [1 2]\nT [1 2]\n", "line 2: 1e400 is not a finite number"),
    "sum not finite": (">a\nA [1e308]\nC [1e308]\nG [1e308]\nT [1e308]\n", "line 1: motif a: the counts of position 1"),
    "underscore": (">a\nA [1_0]\nC [1]\nG [1]\nT [1]\n", "line 2: 1_0 is not a finite number"),
    "words": (">a\nA [1 x]\nC [1 2]\nG [1 2]\nT [1 2]\n", "line 2: not a row of numbers"),
    "empty position": (">a\nA [1 0]\nC [1 0]\nG [1 0]\nT [1 0]\n", "line 1: motif a: position 2 holds zeros alone"),
    "rna": (">a\nA [1]\nC [1]\nG [1]\nU [1]\n", "line 1: motif a is over RNA"),
    "either way": (">a\n1 1 1 1\n1 1 1 1\n1 1 1 1\n1 1 1 1\n", "line 1: motif a has four rows of four numbers"),
    "name twice": (JASPAR_LETTERS + JASPAR_LETTERS, "line 6: motif(s) given more than once: MA0001.1_ABC"),
    "meme: name twice": (MEME_MINIMAL + MEME_MINIMAL, "line 15: motif(s) given more than once: MA0001.1_ABC"),
    "meme: protein": (MEME_MINIMAL.replace("= ACGT", "= ACDEFGHIKLMNPQRSTVWY"), "line 3: the alphabet must be ACGT"),
    "meme: protein by name": (MEME_MINIMAL.replace("= ACGT", " PROTEIN"), "motifs of proteins"),
    "meme: rna": (
        MEME_MINIMAL.replace("= ACGT", "= ACGU"),
        "line 3: the alphabet must be ACGT, found: ALPHABET= ACGU; these",
    ),
    "meme: transposed": (
        MEME_MINIMAL.replace(
            "0.8 0 0 0.2\n0 0.4 0.4 0.2\n0.4 0.2 0.2 0.2", "0.8 0 0.4\n0 0.4 0.2\n0 0.4 0.2\n0.2 0.2 0.2"
        ),
        "line 7: a row of a matrix must be four probabilities",
    ),
    "meme: rows missing": (MEME_MINIMAL.replace("0.4 0.2 0.2 0.2\n", ""), "line 6: motif MA0001.1: 3 positions are"),
    "meme: cut short": (MEME_MINIMAL + "MOTIF second\n", "line 11: motif second has no letter-probability matrix"),
    "meme: without matrix": (MEME_MINIMAL + "MOTIF b\n" + MEME_MINIMAL, "line 11: motif b has no letter-probability"),
    "meme: nan": (MEME_MINIMAL.replace("0.8 0 0 0.2", "nan 0 0 0.2"), "line 7: a row of a matrix"),
    "meme: html": ("<!DOCTYPE HTML>\n<html></html>\n", "XML or HTML"),
    "meme: xml": ('<?xml version="1.0"?>\n<MEME></MEME>\n', "meme.txt"),
    "homer: log-odds": (HOMER.replace("0.800", "-0.8"), "line 2: negative numbers"),
    "homer: five columns": (HOMER.replace("0.800\t", "0.800\t0\t"), "line 1: motif ANV"),
    "transfac: no matrix": (TRANSFAC + "AC  M3\nID  x\n//\n", "line 24: motif M3 has no matrix"),
    "transfac: no position": (TRANSFAC + "AC  M3\nP0  A C G T\nXX\n//\n", "line 24: motif M3 has no position"),
    "transfac: three numbers": (TRANSFAC.replace("2 0 1 0 0", "2 0 1 0"), "line 22: a position needs four numbers"),
    "transfac: words": (TRANSFAC.replace("2 0 1 0 0", "2 0 x 0 0"), "line 22: not a row of numbers"),
    "cisbp: without numbers": ("Pos\tA\tC\tG\tT\n", "line 1: motif my_file has no position"),
    "table: five columns": ("1 2 3 4 5\n" * 6, "needs one row of equal length"),
    "table: words": (FOUR_COLUMNS + "total ten\n", "line 4: not a row of numbers"),
    "table: columns of no base": ("A,C,G,U\n1,2,3,4\n", "line 1: the columns must be A, C, G and T"),
    "a tomtom table": ("Query_ID\tTarget_ID\tp\nA\tB\t0.1\n", "none of the known formats"),
}
"""Name to text and a part of the message."""
