"""How a stored number reads to a person: dates, leading zeros and masks of its number format."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from roster.adapters.spreadsheets.markup import local, parse_all

type Render = Callable[[str], str]

_DATE_IDS = {*range(14, 18), 22, *range(27, 32), 34, 35, 36, *range(50, 59)}
_TIME_IDS = {18, 19, 20, 21, 32, 33, 45, 47}
_ELAPSED_ID = 46
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETED = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)
_CONDITION = re.compile(r"\[<=?(\d+)\]")
_ID = re.compile(r"[0-9]{1,9}")
# What Excel allows; nobody who writes longer ones means to have them read.
_LONGEST_CODE = 255
_GENERAL = "General"
# More digits than any number that a mask is made for, and fewer than Python takes for one.
_MOST_DIGITS = 100
_MASK = re.compile(r'(?:"[^"]*"|\\.|_.|[0#?() +:.-])+')
_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_(.)|(.)', re.DOTALL)
_LAST_DAY = 2_958_466  # the day after 9999-12-31
_WORDS = ("general", "standard", "@")


def plain(text: str) -> str:
    """A stored number as its shortest decimal text: "501.0" → "501", "1E+2" → "100"."""
    if text.isascii() and text.isdigit():
        return text.lstrip("0") or "0"
    try:
        value = float(text)
    except ValueError:
        return text
    if not math.isfinite(value):
        return text
    if value.is_integer() and abs(value) < 1e21:
        # Beyond 2**53 a float is not the number that was typed, and an id may be that long.
        # Its digits as they are: Python takes at most 4300 of them for a number.
        digits = text.removeprefix("-").lstrip("0")
        sign = "-" if text.startswith("-") and digits else ""
        return f"{sign}{digits or 0}" if re.fullmatch(r"-?\d+", text) else str(int(value))
    shown = f"{value:.15g}"
    if "e" in shown:
        mantissa, _, exponent = shown.partition("e")
        places = len(mantissa.partition(".")[2]) - int(exponent)
        return f"{value:.{places}f}" if 0 < places < 60 else shown
    return shown


def _moment(text: str, *, epoch_1904: bool) -> str | datetime:
    """The moment a serial number stands for; text for what is none."""
    try:
        serial = float(text)
    except ValueError:
        return text
    if not 0 <= serial < _LAST_DAY:
        return plain(text)
    if epoch_1904:
        start = datetime(1904, 1, 1)  # noqa: DTZ001 - a spreadsheet's dates have no zone
    elif 60 <= serial < 61:
        return "1900-02-29"  # a day that Excel alone knows
    else:
        start = datetime(1899, 12, 31 if serial < 60 else 30)  # noqa: DTZ001
    try:
        return start + timedelta(seconds=round(serial * 86_400))
    except OverflowError:
        return plain(text)


def _date_render(*, epoch_1904: bool) -> Render:
    # A column of dates says the same few thousand days again and again.
    @lru_cache(maxsize=4096)
    def render(text: str) -> str:
        moment = _moment(text, epoch_1904=epoch_1904)
        return moment if isinstance(moment, str) else iso(moment)

    return render


def _time_render(*, epoch_1904: bool) -> Render:
    dated = _date_render(epoch_1904=epoch_1904)

    def render(text: str) -> str:
        seconds = _seconds(text)
        return dated(text) if seconds is None or seconds >= 86_400 else _clock(seconds)

    return render


def _elapsed(text: str) -> str:
    seconds = _seconds(text)
    return plain(text) if seconds is None else _clock(seconds)


def _seconds(text: str) -> int | None:
    """The seconds of a duration in days; None when it is none Excel could show."""
    try:
        days = float(text)
    except ValueError:
        return None
    return round(days * 86_400) if 0 <= days < _LAST_DAY else None


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def iso(moment: datetime) -> str:
    """ "2026-01-31", with "T14:30:00" behind it when there is a time of day."""
    midnight = not (moment.hour or moment.minute or moment.second)
    return moment.date().isoformat() if midnight else moment.isoformat(timespec="seconds")


def iso_cell(text: str) -> str:
    """The text of a cell of type "d", which stores ISO 8601 itself."""
    try:
        return iso(datetime.fromisoformat(text).replace(tzinfo=None, microsecond=0))
    except ValueError:
        return text


def _mask_tokens(section: str) -> list[tuple[str, bool]] | None:
    """(character, is it a digit's place) of a mask such as `00000-0000`; None when it is none.

    One place alone, or places without a zero or a literal between them, only style a number.
    """
    bare = _BRACKETED.sub("", section)
    if not _MASK.fullmatch(bare):
        return None
    tokens: list[tuple[str, bool]] = []
    for quoted, escaped, padding, char in _TOKEN.findall(bare):
        if char and char in "0#?":
            tokens.append((char, True))
        elif char == ".":
            return None
        else:
            tokens.extend((c, False) for c in quoted or escaped or (" " if padding else char))
    places = [i for i, (_, place) in enumerate(tokens) if place]
    zeros = sum(tokens[i][0] == "0" for i in places)
    between = bool(places) and places[-1] - places[0] + 1 > len(places)
    return tokens if zeros >= 2 or (between and len(places) >= 2) else None


def _apply_mask(tokens: list[tuple[str, bool]], digits: str) -> str:
    out: list[str] = []
    left = list(digits)
    first_place = next(i for i, (_, place) in enumerate(tokens) if place)
    for i in range(len(tokens) - 1, -1, -1):
        char, place = tokens[i]
        if not place:
            out.append(char)
            continue
        if left:
            out.append(left.pop())
        elif char == "0":
            out.append("0")
        if i == first_place:
            out.extend(reversed(left))
    return "".join(reversed(out)).strip()


def _mask_render(code: str) -> Render | None:
    sections = code.split(";")
    masks = [_mask_tokens(section) for section in sections[:2]]
    condition = _CONDITION.search(sections[0])
    if masks[0] is None:
        return None
    below = int(condition[1]) if condition else None

    # A mask of zeros alone, as of ZIPs, pads.
    zeros = len(masks[0]) if all(token == ("0", True) for token in masks[0]) else 0

    def render(text: str) -> str:
        number = plain(text)
        if not number.isdigit() or len(number) > _MOST_DIGITS:
            return number
        if zeros and below is None:
            return number.zfill(zeros)
        mask = masks[0]
        if below is not None and int(number) > below:
            mask = masks[1] if len(masks) > 1 else None
        return number if mask is None else _apply_mask(mask, number)

    return render


def render_for(code: str, *, epoch_1904: bool = False) -> Render:
    """How numbers with the format `code` read ("yyyy-mm-dd", "00000", "0.0%")."""
    if code.casefold() in _WORDS:
        return plain
    letters = _BRACKETED.sub("", _NOT_CODE.sub("", code)).partition(";")[0].casefold()
    letters = letters.replace("general", "").replace("am/pm", "h").replace("a/p", "h")
    if re.search(r"\[[hms]+\]", letters):
        return _elapsed
    if re.search("[dy]", letters) or ("m" in letters and not re.search("[hs]", letters)):
        return _date_render(epoch_1904=epoch_1904)
    if re.search("[hs]", letters):
        return _time_render(epoch_1904=epoch_1904)
    return _mask_render(code) or plain


class Styles:
    """The way each cell style of a workbook shows numbers: `styles[index](stored text)`."""

    def __init__(self, chunks: Iterable[bytes] | None, *, epoch_1904: bool = False) -> None:
        self._epoch_1904 = epoch_1904
        self._codes: dict[int, str] = {}
        self._ids: list[int] = []
        self._in_cell_styles = False
        if chunks is not None:
            parse_all(chunks, self._start, self._end, lambda _: None)
        renders: dict[int, Render] = {}
        # By the style's number as a cell states it.
        self._shown_as: dict[str, Render] = {}
        for index, number in enumerate(self._ids):
            if number not in renders:
                renders[number] = self._render(number)
            self._shown_as[str(index)] = renders[number]

    def __getitem__(self, index: str | None) -> Render:
        """An unknown style shows the plain number."""
        return self._shown_as.get(index or "", plain)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "numFmt":
            number = attributes.get("numFmtId", "")
            if _ID.fullmatch(number):
                code = attributes.get("formatCode", _GENERAL)
                self._codes[int(number)] = code if len(code) <= _LONGEST_CODE else _GENERAL
        elif tag == "cellXfs":
            self._in_cell_styles = True
        elif tag == "xf" and self._in_cell_styles:
            number = attributes.get("numFmtId", "0")
            self._ids.append(int(number) if _ID.fullmatch(number) else 0)

    def _end(self, name: str) -> None:
        if local(name) == "cellXfs":
            self._in_cell_styles = False

    def _render(self, number: int) -> Render:
        if number in self._codes:
            return render_for(self._codes[number], epoch_1904=self._epoch_1904)
        if number in _DATE_IDS:
            return _date_render(epoch_1904=self._epoch_1904)
        if number in _TIME_IDS:
            return _time_render(epoch_1904=self._epoch_1904)
        return _elapsed if number == _ELAPSED_ID else plain
