"""Papers as PDF. The libraries and fonts lie in a layer that only one function carries."""

from roster.domain.paper import Paper


class PdfPrinter:
    """Draws with fpdf2, loaded for the first paper only; implements `papers.Printer`."""

    # Counts up when the same paper would look different: what was drawn before is drawn again.
    revision = 1

    def draw(self, paper: Paper) -> bytes:
        """The paper as PDF; the same paper gives the same bytes."""
        from roster.adapters.papers.pdf import draw

        return draw(paper)
