"""The context object a handler gets."""

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What Lambda tells a handler about itself."""

    function_name: str = "function"
    memory_limit_in_mb: int = 1024
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    remaining_ms: int = 20_000

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:us-east-1:123456789012:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """How long the handler may still run."""
        return self.remaining_ms
