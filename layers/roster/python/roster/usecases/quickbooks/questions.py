"""Asking QuickBooks while a person waits: for so long and no longer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from roster.domain.sync.connection import FaultAction, NotConnected, QuickBooksFault
from roster.usecases.quickbooks.ports import QuickBooksApi, QuickBooksPorts
from roster.usecases.quickbooks.tokens import access_token

# Nothing more is asked after this long; the gateway waits 29 seconds for all of an answer.
_ASK_FOR, _ANSWER_WITHIN = timedelta(seconds=15), 8.0
_TOO_LONG = "QuickBooks takes too long to answer"
_SUBSCRIPTION_ENDED = "6190"
_SIGN_IN = frozenset({FaultAction.RECONNECT, FaultAction.REFRESH})
# After these the next question would fare no better.
_FOR_ALL = _SIGN_IN | {FaultAction.RETRY, FaultAction.PAUSE}
# May pass by itself, or with another token.
_ONCE_MORE = frozenset({FaultAction.RETRY, FaultAction.REFRESH})


class Questions:
    """Questions to QuickBooks, one after another, while there is time and it answers.

    `silence` says why there is no answer, `refused` that a person has to sign in again, `ended`
    that the company's subscription is over.
    """

    def __init__(self, tenant: str, realm: str, since: datetime, ports: QuickBooksPorts) -> None:
        self.tenant, self.realm = tenant, realm
        self.silence = "QuickBooks gives no answer to this"
        self.refused = self.ended = False
        self._api = ports.api.hurried(_ANSWER_WITHIN)
        self._until = since + _ASK_FOR
        self._is_over, self._token, self._sleep = False, "", ports.sleep
        self.ports = replace(ports, sleep=self._nap)

    @property
    def _is_late(self) -> bool:
        return self.ports.clock() > self._until

    def _nap(self, seconds: float) -> None:
        if self._is_late:
            raise QuickBooksFault(FaultAction.PAUSE, _TOO_LONG)
        self._sleep(seconds)

    def ask[T](self, question: Callable[[QuickBooksApi, str], T]) -> T | None:
        """The answer; None where there is none."""
        if self._is_late:
            self._end(_TOO_LONG)
        if self._is_over:
            return None
        try:
            return self._answer(question)
        except NotConnected as error:
            self._end(error.detail)
            self.refused = True
        except QuickBooksFault as fault:
            self.silence = fault.detail
            if fault.action in _FOR_ALL:
                self._end(fault.detail)
                self.ended = fault.fault_code == _SUBSCRIPTION_ENDED
                self.refused = fault.action in _SIGN_IN and not self.ended
        return None

    def _answer[T](self, question: Callable[[QuickBooksApi, str], T]) -> T:
        """Asked with the token of the question before, and where that may help once more."""
        self._token = self._token or access_token(self.tenant, ports=self.ports)
        try:
            return question(self._api, self._token)
        except QuickBooksFault as fault:
            if fault.action not in _ONCE_MORE or self._is_late:
                raise
            if fault.action is FaultAction.REFRESH:
                self._token = access_token(self.tenant, ports=self.ports, refused=self._token)
        return question(self._api, self._token)

    def _end(self, why: str) -> None:
        if not self._is_over:
            self._is_over, self.silence = True, why
