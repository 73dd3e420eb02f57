"""Settings read from the environment, and the words of errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake.errors import LakeError, SourceUnavailable, UnknownName, cause_of, storage_full
from lake.objects import LocalObjects
from lake.s3 import boto3_options, delta_options
from lake.settings import Settings


def test_what_is_not_set_keeps_its_default() -> None:
    settings = Settings.from_env({"OBS_LAKE": "", "AUTRE": "x"})
    assert settings == Settings()
    assert (settings.lake, settings.region, settings.geocodeur) == ("./data/lake", "44", "ban")
    assert settings.store == "sqlite:///data/store.db"
    assert not settings.on_s3


def test_settings_come_from_their_variables() -> None:
    settings = Settings.from_env(
        {
            "OBS_LAKE": "s3://seau/lac",
            "OBS_STORE": "postgresql://base",
            "OBS_REGION": "france",
            "OBS_GEOCODEUR": "aucun",
            "OBS_DEMO": "oui",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }
    )
    assert settings.on_s3
    assert settings.demo
    assert (settings.store, settings.region, settings.geocodeur) == ("postgresql://base", "france", "aucun")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("region", ["44", "975", "01", "france"])
def test_regions_that_can_be_kept(region: str) -> None:
    assert Settings(region=region).region == region


@pytest.mark.parametrize(
    ("variable", "value"),
    [("OBS_REGION", "Grand Est"), ("OBS_GEOCODEUR", "google"), ("OBS_LAKE", "ftp://hote/lac"), ("OBS_LAKE", "s3://")],
)  # fmt: skip
def test_a_setting_that_cannot_be_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(LakeError) as refused:
        Settings.from_env({variable: value})
    assert f"{variable} vaut « {value} »" in str(refused.value)
    assert refused.value.conseil


def test_both_s3_libraries_reach_the_same_endpoint() -> None:
    aws = {
        "AWS_ENDPOINT_URL": "http://general",
        "AWS_ENDPOINT_URL_S3": "http://stockage:9000",
        "AWS_DEFAULT_REGION": "fr-est",
        "AWS_ACCESS_KEY_ID": "cle",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "jeton",
    }
    settings = Settings(lake="s3://seau/lac", s3=aws)
    assert boto3_options(settings) == {
        "endpoint_url": "http://stockage:9000",
        "region_name": "fr-est",
        "aws_access_key_id": "cle",
        "aws_secret_access_key": "secret",
        "aws_session_token": "jeton",
    }
    options = delta_options(settings)
    assert options["aws_endpoint_url"] == "http://stockage:9000"
    assert options["aws_allow_http"] == "true"
    assert options["aws_region"] == "fr-est"
    assert options["aws_conditional_put"] == "etag"
    assert options["aws_session_token"] == "jeton"
    bare = delta_options(Settings(lake="s3://seau"))
    assert "aws_access_key_id" not in bare
    assert "aws_allow_http" not in bare


def test_an_unknown_name_suggests_or_lists() -> None:
    close = UnknownName("mesure", "profesionnels", ["sites", "professionnels"])
    assert str(close) == "Nom inconnu (mesure) : « profesionnels ». Vouliez-vous dire : professionnels ?"
    assert close.suggestions == ["professionnels"]
    far = UnknownName("mesure", "zzz", ["b", "a"])
    assert far.conseil == "Valeurs possibles : a, b."
    many = UnknownName("commune", "zzz", [f"{n:03d}" for n in range(99)])
    assert many.conseil.endswith("039….")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("\x1b[31m↳\x1b[0m NoSuchBucket: gone", "le bucket n'existe pas"),
        ("HTTP error: error sending request: tcp connect error", "le serveur ne répond pas"),
        ("SignatureDoesNotMatch", "identifiants ou droits refusés"),
        ("Client error with status 403 Forbidden", "identifiants ou droits refusés"),
        ("Permission denied (os error 13)", "droits insuffisants sur le dossier"),
        ("No such file or directory (os error 2)", "un fichier manque"),
        ("two\nlines", "two lines"),
    ],
)
def test_what_libraries_say_in_a_few_french_words(said: str, words: str) -> None:
    assert cause_of(said) == words


def test_a_long_unknown_cause_is_shortened() -> None:
    assert len(cause_of("x" * 900)) == 161


def test_a_full_storage_is_recognised() -> None:
    assert storage_full("Generic LocalFileSystem error: No space left on device (os error 28)")
    assert storage_full("Disk quota exceeded")
    assert not storage_full("Permission denied (os error 13)")


@pytest.mark.parametrize("key", ["../dehors", "/etc/passwd", "raw/../../x", ""])
def test_an_object_never_leaves_the_lake(tmp_path: Path, key: str) -> None:
    file = tmp_path / "f"
    file.write_text("x")
    objects = LocalObjects(tmp_path / "lac")
    with pytest.raises(SourceUnavailable, match="Nom d'objet refusé"):
        objects.put(key, file)
    with pytest.raises(SourceUnavailable, match="Nom d'objet refusé"):
        objects.remove(key)
