"""What our rules refuse of an edit in QuickBooks: told once, with its rule, and the rest comes."""

from typing import Any

import pytest

from roster.domain import customer as rules
from roster.domain.errors import FieldError, Invalid
from roster.domain.sync.policy import Mode
from tests.support.sync import Office

BAD = {"PrimaryEmailAddr": {"Address": "no one@nowhere.x, b@c.example"}}


def pull_everything(acme: Office, mode: Mode = Mode.QUICKBOOKS_TO_ROSTER) -> dict[str, int]:
    """A run that looks at every record again, as after a change of the settings."""
    before = acme.ports.policies.get(acme.tenant).policy
    assert before is not None
    acme.choose(mode, include_inactive=not before.include_inactive, sync_taxes=False,
                sync_terms=False)  # fmt: skip
    return dict(acme.pull().counts)


def test_the_rest_of_the_edit_comes_and_the_refused_field_is_told_once(acme: Office) -> None:
    made = acme.control.create("Amy", PrimaryEmailAddr={"Address": "amy@birds.example"})
    acme.pull()
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "555-2"}, **BAD)
    run = acme.pull()
    assert run.counts == {"update_here": 1, "skip": 1}
    amy = acme.customers()["Amy"]
    assert (amy.phone, amy.email) == ("555-2", "amy@birds.example")
    [line] = [r for r in acme.report(run) if r.verb == "skip"]
    assert "email not an e-mail address" in line.reason
    assert pull_everything(acme) == {}
    # Another field moves: that one comes, and the old refusal is not told again.
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "555-3"})
    assert acme.pull().counts == {"update_here": 1}
    # A value that can be ours comes as any edit.
    acme.control.edit(made["Id"], PrimaryEmailAddr={"Address": "amy@new.example"})
    assert acme.pull().counts == {"update_here": 1}
    assert acme.customers()["Amy"].email == "amy@new.example"


def test_a_record_that_is_linked_with_such_a_field_says_so(acme: Office) -> None:
    acme.choose(Mode.TWO_WAY, primary="quickbooks")
    acme.create("Amy", phone="555-1")
    acme.control.create("Amy", **BAD)
    run = acme.pull()
    assert run.counts["link"] == 1
    lines = {r.verb: r.reason for r in acme.report(run)}
    assert "email not an e-mail address" in lines["skip"]
    assert acme.customers()["Amy"].email is None


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that shows only when the edit is made, over this field and that."""
    edit = rules.edit

    def strictly(customer: Any, values: dict[str, Any], **how: Any) -> Any:
        if "555-13" in (values.get("phone") or ""):
            raise Invalid([FieldError("/phone", "unlucky", "must not be unlucky")])
        return edit(customer, values, **how)

    monkeypatch.setattr(rules, "edit", strictly)


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("mode", [Mode.QUICKBOOKS_TO_ROSTER, Mode.TWO_WAY])
def test_what_is_refused_when_it_is_done_stops_no_other_field_and_does_not_come_again(
    acme: Office, mode: Mode
) -> None:
    made = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "555-1"})
    acme.pull()
    alone = {"sync_taxes": False, "sync_terms": False}
    acme.choose(mode, **({"primary": "quickbooks"} if mode is Mode.TWO_WAY else alone))
    acme.pull()
    edit = {"PrimaryPhone": {"FreeFormNumber": "555-13"}, "CompanyName": "Birds Inc"}
    acme.control.edit(made["Id"], **edit)
    run = acme.pull()
    assert run.counts == {"update_here": 1, "skip": 1}
    lines = {r.verb: r for r in acme.report(run)}
    assert [c.field for c in lines["update_here"].changes] == ["company_name"]
    assert "phone: must not be unlucky" in lines["skip"].reason
    amy = acme.customers()["Amy"]
    assert (amy.phone, amy.company_name) == ("555-1", "Birds Inc")
    acme.ports.policies.save(acme.tenant, acme.ports.policies.get(acme.tenant).policy, anew=True)
    assert acme.pull().counts == {}
    assert acme.control.book()["Customer"][0]["PrimaryPhone"]["FreeFormNumber"] == "555-13"
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "555-14"})
    assert acme.pull().counts == {"update_here": 1}
    assert acme.customers()["Amy"].phone == "555-14"


@pytest.mark.usefixtures("strict")
def test_where_nothing_fits_the_line_says_so_and_nothing_else_is_reported(acme: Office) -> None:
    made = acme.control.create("Amy", PrimaryPhone={"FreeFormNumber": "555-1"})
    acme.pull()
    acme.control.edit(made["Id"], PrimaryPhone={"FreeFormNumber": "555-13"})
    run = acme.pull()
    assert run.counts == {"skip": 1}
    assert pull_everything(acme) == {}
    assert acme.customers()["Amy"].phone == "555-1"
