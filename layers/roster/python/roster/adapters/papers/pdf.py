"""Draws a paper as PDF: one template for quotes and invoices."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align

from roster.adapters.papers.fonts import MAIN, Fonts, fonts_for
from roster.domain.paper import Paper

# Millimetres and points.
_MARGIN, _FOOT, _PAD = 16.0, 18.0, 1.6
_TEXT, _SMALL, _STRONG, _NAME, _TITLE = 9.5, 8.0, 11.0, 13.0, 20.0
_LINE, _SMALL_LINE, _STRONG_LINE, _TOTAL_LINE = 4.8, 4.2, 5.4, 5.6
_INK, _GREY, _ALERT = (25, 28, 33), (105, 110, 118), (176, 30, 30)
_RULE, _SHADE = 200, 243
_LEFT_HALF, _LABEL = 0.55, 26.0
_TOTALS, _AMOUNTS = 0.62, 0.24
# A line of the table with so many lines of text or fewer is not torn apart.
_KEPT_TOGETHER = 4


def draw(paper: Paper) -> bytes:
    """The paper as a PDF; the same paper gives the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        names = [*paper.seller[:1], *paper.buyer[:1], *(total.name for total in paper.totals)]
        sheet = _Sheet(paper, fonts_for(paper.words(), names, Path(folder)))
        sheet.compose()
        return bytes(sheet.output())


class _Sheet(FPDF):
    def __init__(self, paper: Paper, fonts: Fonts) -> None:
        super().__init__(unit="mm", format=paper.page_format)
        self._paper, self._say = paper, fonts.printable
        self._in_table = False
        for name, (regular, bold) in fonts.files.items():
            self.add_font(name, "", regular)
            if bold is not None:
                self.add_font(name, "B", bold)
        others = [name for name in fonts.files if name != MAIN.name]
        self.set_fallback_fonts(others, exact_match=False)
        self.set_text_shaping(use_shaping_engine=True)
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        # Pages are turned by hand: not between the cells of one line.
        self.set_auto_page_break(auto=False, margin=_FOOT)
        self.set_title(f"{paper.title} {paper.number}")
        self.set_creation_date(datetime.combine(paper.written, time(), tzinfo=UTC))
        self.set_line_width(0.2)
        self.set_draw_color(_RULE)
        self.set_fill_color(_SHADE)

    def compose(self) -> None:
        """Everything, from the letterhead to the last note."""
        self.add_page()
        self._letterhead()
        self._parties()
        self._table()
        self._totals()
        for heading, text in self._paper.texts:
            self._text(heading, text)
        self._feet()

    def header(self) -> None:
        """On pages after the first: which paper it is, and the headings of a table that goes on."""
        if self.page_no() == 1:
            return
        self._pen(_SMALL, grey=True)
        self._put(self.epw, _SMALL_LINE, f"{self._paper.title} {self._paper.number}", Align.R)
        self.ln(_SMALL_LINE + 3)
        if self._in_table:
            self._headings()

    def _pen(self, size: float = _TEXT, *, bold: bool = False, grey: bool = False) -> None:
        self.set_font(MAIN.name, "B" if bold else "", size)
        self.set_text_color(*(_GREY if grey else _INK))

    def _put(
        self, width: float, height: float, text: str, align: Align = Align.L, *, fill: bool = False
    ) -> None:
        """A cell of one line.

        In a context of its own: after a letter of another font, fpdf 2.8.9 takes the pen for the
        one it had, and writes on in the wrong font.
        """
        with self.local_context():
            self.cell(width, height, text, align=align, fill=fill)

    def _block(self, width: float, height: float, text: str, align: Align = Align.L) -> None:
        """Lines below each other at the place of the pen, which is left below the last."""
        left = self.get_x()
        for line in self._wrapped(text, width):
            self._need(height)
            self.set_x(left)
            self._put(width, height, line, align)
            self.ln(height)
        self.set_x(left)

    def _need(self, height: float) -> None:
        """Turn the page unless so much is left of it."""
        if self.get_y() + height > self.h - _FOOT:
            size, style, colour = self.font_size_pt, self.font_style, self.text_color
            self.add_page()
            self.set_font(MAIN.name, style, size)
            self.text_color = colour

    def _letterhead(self) -> None:
        left, top, half = self.l_margin, self.t_margin, self.epw * _LEFT_HALF
        self.set_xy(left, top)
        for n, line in enumerate(self._paper.seller):
            self._pen(_SMALL if n else _NAME, bold=n == 0, grey=n > 0)
            self._block(half, _SMALL_LINE if n else 6.2, line)
        low = self.get_y()
        self.set_xy(left + half, top)
        self._pen(_TITLE, bold=True)
        self._block(self.epw - half, 9, self._paper.title, Align.R)
        if self._paper.mark:
            self._pen(_STRONG, bold=True)
            self.set_text_color(*_ALERT)
            self._block(self.epw - half, 6, self._paper.mark, Align.R)
        self.set_y(max(low, self.get_y()) + 4)
        self._rule(left)
        self.ln(5)

    def _rule(self, left: float) -> None:
        self.line(left, self.get_y(), self.l_margin + self.epw, self.get_y())

    def _parties(self) -> None:
        left, top, half = self.l_margin, self.get_y(), self.epw * _LEFT_HALF
        self._pen(_SMALL, grey=True)
        self._block(half, _SMALL_LINE, self._paper.addressed)
        for n, line in enumerate(self._paper.buyer):
            self._pen(_TEXT if n else _STRONG, bold=n == 0)
            self._block(half - 4, _LINE if n else _STRONG_LINE, line)
        low = self.get_y()
        self.set_y(top)
        for name, value in self._paper.facts:
            self.set_x(left + half)
            self._pen(grey=True)
            self._put(_LABEL, _LINE, name)
            self._pen()
            self._block(self.epw - half - _LABEL, _LINE, value, Align.R)
        self.set_y(max(low, self.get_y()) + 7)

    def _table(self) -> None:
        if not self._paper.rows:
            return
        self._headings()
        self._in_table = True
        for row in self._paper.rows:
            self._row(row)
        self._in_table = False
        self.ln(3)

    def _widths(self) -> list[float]:
        shares = [column.share for column in self._paper.columns]
        rest = 1 - sum(share or 0 for share in shares)
        return [self.epw * (rest if share is None else share) for share in shares]

    def _headings(self) -> None:
        self._pen(_SMALL, bold=True)
        for n, (column, width) in enumerate(zip(self._paper.columns, self._widths(), strict=True)):
            self._put(width, 7, column.heading, Align.R if n else Align.L, fill=True)
        self.ln(7 + _PAD)

    def _row(self, row: tuple[str, ...]) -> None:
        """A line of the table, which may go on over pages as far as its description does."""
        widths = self._widths()
        self._pen()
        cells = [self._wrapped(text, width) for text, width in zip(row, widths, strict=True)]
        height = max(map(len, cells))
        self._need(min(height, _KEPT_TOGETHER) * _LINE + _PAD)
        for n in range(height):
            self._need(_LINE)
            for position, (lines, width) in enumerate(zip(cells, widths, strict=True)):
                text = lines[n] if n < len(lines) else ""
                self._put(width, _LINE, text, Align.R if position else Align.L)
            self.ln(_LINE)
        self.ln(_PAD / 2)
        self._rule(self.l_margin)
        self.ln(_PAD)

    def _totals(self) -> None:
        width, amount = self.epw * _TOTALS, self.epw * _AMOUNTS
        left, right = self.l_margin + self.epw - width, self.l_margin + self.epw - amount
        # Together, unless there are more than half a page of them.
        self._need(min((_TOTAL_LINE + 1) * len(self._paper.totals), self.eph / 2))
        for total in self._paper.totals:
            self._pen(_STRONG if total.strong else _TEXT, bold=total.strong)
            if total.strong:
                self._need(2 * _TOTAL_LINE)
                self.ln(0.8)
                self._rule(left)
                self.ln(0.8)
            self.set_x(left)
            self._block(width - amount, _TOTAL_LINE, total.name, Align.R)
            # Beside the last line of a name that takes several.
            self.set_xy(right, self.get_y() - _TOTAL_LINE)
            self._put(amount, _TOTAL_LINE, self._say(total.amount), Align.R)
            self.ln(_TOTAL_LINE)

    def _text(self, heading: str, text: str) -> None:
        self.ln(5)
        self._need(3 * _LINE)
        self.set_x(self.l_margin)
        self._pen(_SMALL, bold=True, grey=True)
        self._block(self.epw, _SMALL_LINE, heading)
        self._pen()
        self._block(self.epw, _LINE, text)

    def _feet(self) -> None:
        """Whose paper it is and which page, once it is known how many there are."""
        name = self._say(self._paper.seller[0]) if self._paper.seller else ""
        pages = self.page_no()
        for page in range(1, pages + 1):
            self.page = page
            # Another size first, for the pen of that page may be any.
            self._pen(_TEXT)
            self._pen(_SMALL, grey=True)
            self.set_xy(self.l_margin, self.h - _FOOT + 5)
            half = self.epw * 0.75
            self._put(half, _SMALL_LINE, self._wrapped(name, half)[0])
            self._put(self.epw - half, _SMALL_LINE, f"Page {page} of {pages}", Align.R)

    def _wrapped(self, text: str, width: float) -> list[str]:
        """`text` in lines of at most that width; in logical order, which fpdf would turn twice."""
        room, space = width - 2 * self.c_margin, self.get_string_width(" ")
        lines: list[str] = []
        for paragraph in self._say(text).split("\n"):
            line, used = "", 0.0
            for word in paragraph.split():
                for piece, wide in self._pieces(word, room):
                    if line and used + space + wide > room:
                        lines.append(line)
                        line, used = "", 0.0
                    line, used = (f"{line} {piece}", used + space + wide) if line else (piece, wide)
            lines.append(line)
        return lines

    def _pieces(self, word: str, room: float) -> Iterator[tuple[str, float]]:
        """The word with its width; in pieces where it is too long for a line."""
        wide = self.get_string_width(word)
        if wide <= room:
            yield word, wide
            return
        piece, used = "", 0.0
        for letter in word:
            step = self.get_string_width(letter)
            if piece and used + step > room * 0.98:
                yield piece, room
                piece, used = "", 0.0
            piece, used = piece + letter, used + step
        yield piece, used
