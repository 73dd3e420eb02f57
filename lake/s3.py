"""How to reach an S3 endpoint, for each library that does: boto3, deltalake, Polars.

All are given the same endpoint and keys, and the same patience: a storage that does not answer is told within
seconds, where the libraries alone would insist for minutes.
"""

from __future__ import annotations

from typing import Any, TypedDict

from lake.settings import Settings

ATTEMPTS = 4
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30

POLARS_PATIENCE: dict[str, Any] = {"max_retries": ATTEMPTS, "retry_timeout_ms": 15_000}


class Boto3Options(TypedDict):
    """What a boto3 client is made with."""

    endpoint_url: str | None
    region_name: str
    aws_access_key_id: str | None
    aws_secret_access_key: str | None
    aws_session_token: str | None


def boto3_options(settings: Settings) -> Boto3Options:
    """Endpoint, region and keys from the usual ``AWS_*`` variables."""
    aws = settings.s3
    return {
        "endpoint_url": aws.get("AWS_ENDPOINT_URL_S3") or aws.get("AWS_ENDPOINT_URL"),
        "region_name": aws.get("AWS_REGION") or aws.get("AWS_DEFAULT_REGION") or "us-east-1",
        "aws_access_key_id": aws.get("AWS_ACCESS_KEY_ID"),
        "aws_secret_access_key": aws.get("AWS_SECRET_ACCESS_KEY"),
        "aws_session_token": aws.get("AWS_SESSION_TOKEN"),
    }


def delta_options(settings: Settings) -> dict[str, str]:
    """The same for deltalake (and Polars, which reads its tables)."""
    known = boto3_options(settings)
    options = {
        "aws_region": known["region_name"],
        # Two writers must not both win: the commit file is created only if it does not exist.
        "aws_conditional_put": "etag",
        "max_retries": str(ATTEMPTS),
        "retry_timeout": "15s",
        "connect_timeout": f"{CONNECT_TIMEOUT_S}s",
    }
    keys = {
        "aws_access_key_id": known["aws_access_key_id"],
        "aws_secret_access_key": known["aws_secret_access_key"],
        "aws_session_token": known["aws_session_token"],
        "aws_endpoint_url": known["endpoint_url"],
    }
    options |= {name: value for name, value in keys.items() if value}
    if (known["endpoint_url"] or "").startswith("http:"):
        options["aws_allow_http"] = "true"
    return options
