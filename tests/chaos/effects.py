"""What the five steps do: the rows of the crash matrix."""

from __future__ import annotations

from dataclasses import dataclass

from domain.job import Step


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a step does, by a call of a port; the `nth` of an order if there are several.

    `where` is service and operation of the platform; of what the service does by itself both are empty.
    """

    step: Step
    what: str
    call: str
    nth: int = 1
    where: tuple[str, str] = ("", "")

    @property
    def is_local(self) -> bool:
        """Whether no other machine takes part."""
        return not self.where[0]

    @property
    def is_stored(self) -> bool:
        """Whether it is a commit."""
        return self.call.startswith(("jobs.", "journal."))


CLAIM = Effect(Step.VALIDATION, "the claim on the order", "jobs.claim")
READING = Effect(Step.VALIDATION, "the order is read", "orders.order", where=("orders", "get"))
DELIVERED = Effect(
    Step.RECALCULATION, "what was delivered is written", "orders.recalculate", where=("orders", "calculate")
)
DRAFT = Effect(Step.RECALCULATION, "what was decided is kept", "jobs.save", nth=2)
ASKING = Effect(Step.CAPTURE, "the gateway is asked", "payments.transaction", where=("payments", "get"))
INTENT = Effect(Step.CAPTURE, "the intent to capture", "journal.intend_capture")
CAPTURE = Effect(Step.CAPTURE, "the capture", "payments.capture", where=("payments", "capture"))
OUTCOME = Effect(Step.CAPTURE, "its outcome is kept", "journal.end_capture")
DRAW = Effect(Step.PDF, "the intent to draw a number", "journal.intend_draw")
NUMBER = Effect(Step.PDF, "the number", "sequences.draw", where=("sequences", "next_id"))
DRAWN = Effect(Step.PDF, "the number is kept", "journal.end_draw")
ISSUE = Effect(Step.PDF, "the document is issued", "journal.issue")
PICTURE = Effect(Step.PDF, "the document is drawn", "pdf.render")
ARCHIVE = Effect(Step.PDF, "the document is archived", "archive.put")
ELSEWHERE = Effect(Step.PDF, "or archived at the platform", "archive.put", where=("media", "create"))
DIGEST = Effect(Step.PDF, "its SHA-256 is kept", "journal.archived")
MARK = Effect(Step.PDF, "the mark on the order", "orders.mark", where=("orders", "patch"))
MAIL = Effect(Step.EMAIL, "the mail is handed over", "mailer.send", where=("mail", "send"))
SENT = Effect(Step.EMAIL, "that it was is kept", "journal.mailed")
END = Effect(Step.EMAIL, "the order's end", "jobs.save", nth=5)

EFFECTS = (
    CLAIM,
    READING,
    DELIVERED,
    DRAFT,
    ASKING,
    INTENT,
    CAPTURE,
    OUTCOME,
    DRAW,
    NUMBER,
    DRAWN,
    ISSUE,
    PICTURE,
    ARCHIVE,
    ELSEWHERE,
    DIGEST,
    MARK,
    MAIL,
    SENT,
    END,
)
