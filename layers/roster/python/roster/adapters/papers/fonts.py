"""Fonts for any name a customer may have: one for Latin, Greek and Cyrillic, one more a script.

A script has a font of its own because a run of text is shaped by the script of its first letter:
in one font with Latin, the vowels of Hindi would stand in the wrong places.
"""

import logging
import re
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path

import pymupdf_fonts
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

_REGULAR, _BOLD = 400, 700
# It warns of every table that a subset does without, for every paper.
logging.getLogger("fontTools").setLevel(logging.ERROR)
# Marks that turn the direction of what follows: a name could rearrange the line it stands in.
_OVERRIDES = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_KANA, _HANGUL = (
    re.compile("[\u3040-\u30ff\u31f0-\u31ff]"),
    re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
)
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface: names in pymupdf-fonts for regular and bold, or a variable font of a package."""

    name: str
    static: tuple[str, str] | None = None
    variable: tuple[str, str] | None = None

    def font(self, weight: int) -> TTFont:
        """A fresh copy in that weight, its tables read when they are needed."""
        return TTFont(BytesIO(self.content(weight)), lazy=True, recalcTimestamp=False)

    def content(self, weight: int) -> bytes:
        """The font file; of a variable one, with all its weights."""
        if self.static is not None:
            return bytes(pymupdf_fonts.fontbuffers[self.static[weight == _BOLD]]())
        package, path = self.variable or ("", "")
        return resources.files(package).joinpath("fonts", "ofl", path).read_bytes()


MAIN = Face("sans", static=("notos", "notosbo"))
_FIRA = Face("fira", static=("figo", "figbo"))
_SYMBOLS = (Face("symbols", static=("symbol2", "symbol2")), Face("math", static=("math", "math")))


def _noto(name: str, package: str, file: str) -> Face:
    return Face(name, variable=(f"justmytype_intl_{package}", f"notosans{name}/{file}"))


_INDIC = (
    _noto("devanagari", "south_asia", "NotoSansDevanagari[wdth,wght].ttf"),
    _noto("bengali", "south_asia", "NotoSansBengali[wdth,wght].ttf"),
    _noto("tamil", "south_asia", "NotoSansTamil[wdth,wght].ttf"),
    _noto("telugu", "south_asia", "NotoSansTelugu[wdth,wght].ttf"),
)
_CHINESE = _noto("sc", "cjk", "NotoSansSC[wght].ttf")
_JAPANESE = _noto("jp", "cjk", "NotoSansJP[wght].ttf")
_KOREAN = _noto("kr", "cjk", "NotoSansKR[wght].ttf")


@cache
def _letters(face: Face) -> frozenset[str]:
    return frozenset(map(chr, face.font(_REGULAR).getBestCmap()))


def _faces(text: str) -> tuple[Face, ...]:
    """In the order in which they are asked; Han letters look as in the language of the paper."""
    east = [_CHINESE]
    if _HANGUL.search(text):
        east.insert(0, _KOREAN)
    if _KANA.search(text):
        east.insert(0, _JAPANESE)
    return (*_INDIC, _FIRA, *east, *_SYMBOLS)


@dataclass(frozen=True, slots=True)
class Fonts:
    """Font files for one paper, regular and bold by the name of the face; the main one first."""

    files: dict[str, tuple[Path, Path | None]]
    letters: frozenset[str]

    def printable(self, text: str) -> str:
        """`text` as it can be printed: "?" stands for a letter that no font has."""
        return "".join(c if c in self.letters or c == "\n" else _substitute(c) for c in plain(text))


def _substitute(letter: str) -> str:
    # A joiner or a selector says how its neighbours look; without a font it says nothing.
    if unicodedata.category(letter) in ("Cf", "Mn", "Cc"):
        return ""
    if unicodedata.category(letter) == "Zs":
        return " "
    simple = unicodedata.normalize("NFKD", letter)[0]
    return simple if simple.isascii() and simple.isprintable() else _UNKNOWN


def plain(text: str) -> str:
    """`text` composed, without tabs and without what would turn its direction."""
    return _OVERRIDES.sub("", unicodedata.normalize("NFC", text.replace("\t", " ")))


def fonts_for(texts: Iterable[str], in_bold: Iterable[str], folder: Path) -> Fonts:
    """The fonts that `texts` need; those beside the main one, in `folder`, hold only its letters.

    These are bold too where one of `in_bold` has a letter of theirs.
    """
    text, strong = plain("".join(texts)), set(plain("".join(in_bold)))
    files: dict[str, tuple[Path, Path | None]] = {MAIN.name: _main_files()}
    known = _letters(MAIN)
    wanted = {c for c in text if c not in known and not c.isspace()}
    for face in _faces(text):
        ours = wanted & _letters(face)
        if ours:
            bold = _written(face, ours, _BOLD, folder) if ours & strong else None
            files[face.name] = (_written(face, ours, _REGULAR, folder), bold)
            wanted -= ours
            known |= ours
    return Fonts(files, known)


@cache
def _main_files() -> tuple[Path, Path]:
    folder = Path(tempfile.mkdtemp(prefix="fonts-"))
    regular, bold = folder / "regular.ttf", folder / "bold.ttf"
    for path, weight in ((regular, _REGULAR), (bold, _BOLD)):
        path.write_bytes(MAIN.content(weight))
    return regular, bold


def _written(face: Face, letters: set[str], weight: int, folder: Path) -> Path:
    """A file of the face with only those letters, and all that they are shaped into."""
    font = face.font(weight)
    subsetter = subset.Subsetter(subset.Options(layout_features=["*"], notdef_outline=True))
    subsetter.populate(text="".join(letters))
    subsetter.subset(font)
    if "fvar" in font:
        axes = {axis.axisTag for axis in font["fvar"].axes}
        chosen = {tag: value for tag, value in (("wght", weight), ("wdth", 100)) if tag in axes}
        font = instancer.instantiateVariableFont(font, chosen)
    path = folder / f"{face.name}-{weight}.ttf"
    font.save(path)
    return path
