"""One frozen value with every setting; each has an environment variable `RONDO_…` and a line in the README."""

import errno
import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SHORTEST_SECRET = 32
PRIVATE, OTHERS = 0o600, 0o077


class Settings(BaseSettings):
    """What the operator decides. Values come from the environment (`RONDO_DATA`, `RONDO_HOSTS`, …)."""

    model_config = SettingsConfigDict(env_prefix="RONDO_", frozen=True, extra="forbid")

    data: Path = Field(Path("rondo-data"), description="folder of the embedded database and its key")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "localhost"), min_length=1, description="host names that requests may name, separated by commas"
    )
    https: bool = Field(False, description="pages are served over https (by a proxy in front)")
    proxies: int = Field(0, ge=0, le=5, description="how many trusted proxies stand in front")
    processes: int | None = Field(None, ge=1, le=2, description="how many processes answer pages, on Linux")
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
    """Make the data folder and the empty database file, both for their owner alone; journals take the file's mode."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.database.exists():
        settings.database.touch(mode=PRIVATE)
    elif settings.database.stat().st_mode & OTHERS:
        settings.database.chmod(PRIVATE)


def signing_key(settings: Settings) -> str:
    """Return the signing key; the first call writes one beside the database, readable by its owner alone."""
    if settings.secret_key:
        return settings.secret_key
    open_data_folder(settings)
    path = settings.data / "secret.key"
    _write_key(path)
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < SHORTEST_SECRET:
        raise OSError(errno.EINVAL, "this is no signing key; remove the file, and a new one is made", str(path))
    return key


def _write_key(path: Path) -> None:
    """Write a key where there is none, whole or not at all: an empty file would be a key that everybody knows."""
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    try:
        os.link(part, path)
    except FileExistsError:
        pass  # another process was faster; its key counts
    except OSError:
        part.replace(path)  # a disk without hard links
    finally:
        part.unlink(missing_ok=True)
