"""One frozen value with every setting; each has an environment variable `RONDO_…` and a line in the README."""

import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """What the operator decides. Values come from the environment (`RONDO_DATA`, `RONDO_HOSTS`, …)."""

    model_config = SettingsConfigDict(env_prefix="RONDO_", frozen=True, extra="forbid")

    data: Path = Field(Path("rondo-data"), description="folder of the embedded database and its key")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "localhost"), description="host names that requests may name, separated by commas"
    )
    https: bool = Field(False, description="pages are served over https (by a proxy in front)")
    proxies: int = Field(0, ge=0, le=5, description="how many trusted proxies stand in front")
    secret_key: str | None = Field(None, description="key for signing; by default a file in the data folder")
    testing: bool = Field(False, description="for the test suite only")

    @field_validator("hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str | None) -> str | None:
        if value is not None and len(value) < SHORTEST_SECRET:
            raise ValueError(f"RONDO_SECRET_KEY is too short: give at least {SHORTEST_SECRET} random characters")
        return value

    @property
    def database(self) -> Path:
        """The embedded database's file."""
        return self.data.absolute() / "rondo.sqlite3"


def from_env(**overrides: object) -> Settings:
    """Return the settings of the environment; keyword arguments go before it."""
    return Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]


def open_data_folder(settings: Settings) -> None:
    """Make the data folder, readable by its owner alone."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)


def signing_key(settings: Settings) -> str:
    """Return the signing key; the first call writes one beside the database, readable by its owner alone."""
    if settings.secret_key:
        return settings.secret_key
    open_data_folder(settings)
    path = settings.data / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key + "\n")
    return key
