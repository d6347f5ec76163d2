"""Open what belongs to persons for a home: database, key, rules, and the worker that sends."""

from __future__ import annotations

from dataclasses import dataclass

from ..artefacts import ArtefactError
from ..audit import AuditLog
from ..registry import RegistryError
from ..settings import Settings
from ..tagging.schemes import Scheme, SchemeError
from ..tagging.service import TagRequestError, TagService
from .courier import Courier
from .measures import MEASURES_FILE, load_measures
from .references import ReferenceKey
from .retention import Keep
from .rules import ALERTS_FILE, load_alert_rules
from .service import PersonService
from .store import PersonStore
from .watched import Watched
from .webhooks import Webhook, secret_bytes


@dataclass(frozen=True, slots=True)
class Persons:
    """The service and its worker, started and closed together."""

    service: PersonService
    courier: Courier
    store: PersonStore

    def start(self) -> None:
        """Start the worker."""
        self.courier.start()

    def close(self) -> None:
        """Stop the worker, then close the database."""
        self.courier.stop()
        self.store.close()


def open_persons(settings: Settings, audit: AuditLog, tags: TagService) -> Persons:
    """Open for the settings; rule files in the home take the place of the bundled ones. Raises StoreError, RulesError."""
    rules = Watched((settings.home / ALERTS_FILE.name, ALERTS_FILE), load_alert_rules)
    keep = Keep(settings.keep_reports_days, settings.keep_alerts_days)
    keep.check(rules.value)
    measures = Watched((settings.home / MEASURES_FILE.name, MEASURES_FILE), load_measures)

    def scheme(name: str) -> Scheme | None:
        try:
            return tags.tagger(name).scheme
        except (TagRequestError, SchemeError, ArtefactError, RegistryError):
            return None

    store = PersonStore.open(settings.persons)
    webhook = None
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        webhook = Webhook(settings.webhook_url, secret_bytes(settings.webhook_secret.get_secret_value()))
    service = PersonService(
        store,
        ReferenceKey(settings.persons_key),
        audit,
        rules=lambda: rules.value,
        measures=lambda: measures.value,
        schemes=scheme,
        tells=webhook is not None,
        keep=keep,
    )
    return Persons(service, Courier(store, webhook.post if webhook else None, service.sweep, sweep_s=settings.sweep_s), store)
