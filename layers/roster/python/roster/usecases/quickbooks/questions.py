"""Asking QuickBooks while a person waits: for so long and no longer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from roster.domain.sync.connection import FaultAction, NotConnected, QuickBooksFault
from roster.usecases.quickbooks.ports import QuickBooksApi, QuickBooksPorts
from roster.usecases.quickbooks.pulling import asked

# Nothing more is asked after this long; the gateway waits 29 seconds for all of an answer.
_ASK_FOR, _ANSWER_WITHIN = timedelta(seconds=15), 8.0
_SUBSCRIPTION_ENDED = "6190"


class Questions:
    """Questions to QuickBooks, one after another, while there is time and it answers.

    `silence` says why there is no answer any more, `refused` that a person has to sign in again,
    `ended` that the company's subscription is over.
    """

    def __init__(self, tenant: str, realm: str, since: datetime, ports: QuickBooksPorts) -> None:
        self.tenant, self.realm = tenant, realm
        self.api = ports.api.hurried(_ANSWER_WITHIN)
        self.silence, self.refused, self.ended = "", False, False
        self._until = since + _ASK_FOR
        self._is_over, self._sleep = False, ports.sleep
        self.ports = replace(ports, sleep=self._nap)

    def _nap(self, seconds: float) -> None:
        if self.ports.clock() > self._until:
            raise QuickBooksFault(FaultAction.PAUSE, "QuickBooks takes too long to answer")
        self._sleep(seconds)

    def ask[T](self, question: Callable[[QuickBooksApi, str], T]) -> T | None:
        """The answer; None where there is none."""
        if not self._is_over and self.ports.clock() > self._until:
            self._end("QuickBooks takes too long to answer")
        if self._is_over:
            return None
        try:
            answer, _ = asked(self.tenant, self.ports, lambda token: question(self.api, token))
        except NotConnected as error:
            self._end(error.detail)
            self.refused = True
        except QuickBooksFault as fault:
            if fault.action is FaultAction.PERMANENT:
                # About this question: the next may be answered.
                self.silence = fault.detail
            else:
                self._end(fault.detail)
                self.ended = fault.fault_code == _SUBSCRIPTION_ENDED
                wants_sign_in = fault.action in (FaultAction.RECONNECT, FaultAction.REFRESH)
                self.refused = wants_sign_in and not self.ended
        else:
            return answer
        return None

    def _end(self, why: str) -> None:
        self._is_over, self.silence = True, why
