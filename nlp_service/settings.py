"""The one configuration of the service, read once at the door (environment prefix NLP_) and passed down as values."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .persons.webhooks import secret_bytes

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsError(ValueError):
    """A setting is wrong; the message names it and the cure."""


class Settings(BaseSettings):
    """Safe and offline by default: loopback, no remote code, no downloads, no telemetry."""

    model_config = SettingsConfigDict(env_prefix="NLP_", frozen=True, extra="ignore", hide_input_in_errors=True)

    home: Path = Field(default=Path("var"), description="holds everything kept: stores, snapshots, models, keys")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    store_url: str | None = Field(default=None, description="SQLAlchemy URL of a PostgreSQL store; default: cases.db in the home")
    encoder_dir: Path | None = Field(default=None, description="a local sentence-transformers directory instead of the fitted encoder")
    max_body_bytes: int = Field(default=8_000_000, ge=1000)
    max_draft_chars: int = Field(default=200_000, ge=100)
    max_waiting: int = Field(default=64, ge=1, description="requests that may wait for a worker; more get 429")
    workers: int = Field(default=4, ge=1, le=64)
    refresh_s: float = Field(default=0.5, gt=0, description="how often changes made by other processes are looked for")
    webhook_url: str | None = Field(default=None, pattern=r"^https?://[^\s@]+$", description="where alerts are sent; off by default")
    webhook_secret: SecretStr | None = Field(default=None, description="signs what is sent: at least 16 characters, or whsec_ and base64")
    sweep_s: float = Field(default=60.0, ge=1, description="how often days out of contact and unanswered alerts are looked at")
    keep_reports_days: int | None = Field(default=None, ge=1, le=36_500, description="reports about persons are deleted after so many days; default: kept")
    keep_alerts_days: int | None = Field(
        default=None, ge=1, le=36_500, description="closed alerts, sanctions and sent events are deleted after so many days; default: kept"
    )
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _encoder_exists(self) -> Settings:
        if self.encoder_dir is not None and not self.encoder_dir.is_dir():
            raise ValueError(f"NLP_ENCODER_DIR {self.encoder_dir}: no such directory")
        return self

    @model_validator(mode="after")
    def _webhook_is_signed(self) -> Settings:
        if (self.webhook_url is None) != (self.webhook_secret is None):
            raise ValueError("NLP_WEBHOOK_URL and NLP_WEBHOOK_SECRET: set both or neither; nothing is sent unsigned")
        if self.webhook_secret is not None:
            secret_bytes(self.webhook_secret.get_secret_value())
        return self

    @property
    def store(self) -> str | Path:
        """Where the cases are."""
        return self.store_url or self.home / "cases.db"

    @property
    def library(self) -> Path:
        """Where the snapshots are."""
        return self.home / "library"

    @property
    def fusion(self) -> Path:
        """Where fitted channel weights are, if any (python -m training fit-fusion)."""
        return self.home / "fusion.json"

    @property
    def calibration(self) -> Path:
        """Where a fitted calibration of search is, if any."""
        return self.home / "calibration.json"

    @property
    def keys(self) -> Path:
        """Where the hashed keys are."""
        return self.home / "keys.json"

    @property
    def schemes(self) -> Path:
        """Where replaced keyword schemes are."""
        return self.home / "schemes"

    @property
    def models(self) -> Path:
        """Where promoted models are."""
        return self.home / "models"

    @property
    def audit(self) -> Path:
        """Where the hash-chained records are."""
        return self.home / "audit.db"

    @property
    def answers(self) -> Path:
        """Where answers to requests with an Idempotency-Key are, for a day."""
        return self.home / "answers.db"

    @property
    def persons(self) -> Path:
        """Where persons under correction are: never in the database of the cases."""
        return self.home / "persons.db"

    @property
    def persons_key(self) -> Path:
        """Where the key of their references is."""
        return self.home / "persons.key"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        return self.host in LOOPBACK
