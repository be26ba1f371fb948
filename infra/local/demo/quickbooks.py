"""The story of two books, told with the demo tenant and the stand-in's first company."""

from collections.abc import Callable
from functools import partial

from infra.local.demo.api import Api
from infra.local.demo.story import beginning, edits, syncing
from infra.local.demo.story.telling import Teller, counted
from infra.local.demo.story.told import Scene
from infra.local.home import CannotRunError, Home
from infra.local.quickbooks.remote import Control, ControlFailed


def show(home: Home, *, tenant: str) -> None:
    """Tell the story to whoever reads the terminal; CannotRunError where it goes otherwise."""
    api = Api(home, tenant=tenant, role="admin")
    try:
        realm = Control(home.standin_url).health()["realms"][0]
        scene = Scene(api=api, books=Control(home.standin_url, realm))
        tell(scene, partial(print, flush=True))
    except (ControlFailed, OSError) as error:
        raise CannotRunError(f"QuickBooks' stand-in does not do as asked: {error}") from error


def tell(scene: Scene, say: Callable[[str], None]) -> None:
    """Tell it from the beginning, or only its second half where the books have met before."""
    teller = Teller(say)
    say("\nQuickBooks, step by step. Every call below is one that you could send.")
    if beginning.is_over(scene):
        teller.step("Skipped: connecting, dry run and mapping", "POST /v1/quickbooks/runs")
        teller.line("The books have met before; 'make reset' tells it from the beginning.")
        done = counted(syncing.run(scene.api).run["counts"])
        teller.line(f"A run brings what is new since: {done}.")
    else:
        beginning.tell(scene, teller)
    edits.tell(scene, teller)
