"""What the document says, part by part, as text in its language: every renderer draws this, and adds no word to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from domain.invoice import Draft
from domain.wording.words import Words


class Weight(Enum):
    """How much a sum matters to who reads it."""

    PART = "part"
    TOTAL = "total"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its label; the value may have several lines."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands in the head of the table; empty for a column in which there is nothing."""

    item: str
    quantity: str
    price: str
    discount: str
    vat: str
    amount: str


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the table; `discount` is empty without one.

    What is charged or allowed on the whole document has neither position, SKU, quantity nor price.
    """

    position: str
    name: str
    sku: str
    quantity: str
    unit: str
    price: str
    discount: str
    vat: str
    amount: str
    net: Decimal


@dataclass(frozen=True, slots=True)
class Sum:
    """What the document comes to, or a part of it; `reason` says why a part has no VAT."""

    label: str
    amount: str
    weight: Weight = Weight.PART
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The document: letterhead, title, table, sums, how it is paid, and the foot of every page.

    `lead` is what it comes to, or what is still due: what a reader looks for first.
    `page` has the fields `page` and `pages`. `giro` is the text of the code that a banking app reads; empty where
    there is nothing to transfer. `is_draft` says that it must not look like an invoice.
    """

    words: Words
    is_draft: bool
    title: str
    lead: Fact
    about: tuple[str, ...]
    author: str
    brand: str
    sender: str
    address: tuple[str, ...]
    facts: tuple[Fact, ...]
    columns: Columns
    items: tuple[Item, ...]
    sums: tuple[Sum, ...]
    settlement: str
    payment: tuple[Fact, ...]
    giro: str
    foot: tuple[tuple[str, ...], ...]
    page: str
    carried: str
    draft: Draft

    def coins(self, amount: Decimal) -> str:
        """An amount as the table writes it."""
        return self.words.coins(amount, self.draft.currency)
