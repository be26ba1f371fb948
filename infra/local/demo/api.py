"""The API as the demonstration uses it: one user, JSON in and out."""

from typing import Any

import requests

from infra.local.deploy import api_url
from infra.local.home import CannotRunError, Home
from infra.local.identity import token

_ANSWER_WITHIN_S = 30.0


class Refused(CannotRunError):
    """The API's answer was an error of this `status`."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(told)
        self.status = status


class Api:
    """What one user may do; an error answer becomes one line that says what was asked."""

    def __init__(self, home: Home, *, tenant: str, role: str) -> None:
        self._url = api_url(home)
        self._session = requests.Session()
        bearer = token(home, tenant=tenant, role=role)
        self._session.headers["Authorization"] = f"Bearer {bearer}"

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at ``/v1`` + path."""
        return self._call("GET", path, params=query)

    def post(self, path: str, **body: Any) -> Any:
        """The JSON answered to a body sent to ``/v1`` + path."""
        return self._call("POST", path, json=body)

    def put(self, path: str, **body: Any) -> Any:
        """The JSON answered to a body put at ``/v1`` + path."""
        return self._call("PUT", path, json=body)

    def patch(self, path: str, **body: Any) -> Any:
        """The JSON answered to changes of whatever version there is of ``/v1`` + path."""
        return self._call("PATCH", path, json=body, headers={"If-Match": "*"})

    def _call(self, method: str, path: str, **options: Any) -> Any:
        try:
            answer = self._session.request(
                method, f"{self._url}/v1{path}", timeout=_ANSWER_WITHIN_S, **options
            )
        except requests.RequestException as error:
            raise CannotRunError(f"the API does not answer {path}: see 'make logs'") from error
        if not answer.ok:
            told = f"{method} /v1{path} answered {answer.status_code}: {answer.text}"
            raise Refused(answer.status_code, told)
        return answer.json()
