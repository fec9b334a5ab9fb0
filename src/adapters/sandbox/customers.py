"""The customers of a tenant (`customer-service.yaml`): those that were told of, and those who have ordered."""

from __future__ import annotations

from adapters.sandbox.answers import Json, Refused

NAMES = ("title", "firstName", "middleName", "lastName", "company")
NOBODY = "ANONYMOUS"


class Customers:
    """Profiles by customer number."""

    def __init__(self) -> None:
        self._kept: dict[str, Json] = {}

    def put(self, profile: Json) -> None:
        """Adds a customer, or replaces the one with the same `customerNumber`."""
        number = profile["customerNumber"]
        base = {"id": number, "active": True, "onHold": False, "metadata": {"version": 1}}
        self._kept[number] = base | profile

    def learn(self, order: Json) -> None:
        """Whoever orders with an e-mail address is a customer from then on, if none is known under his number."""
        buyer = order.get("customer")
        if not isinstance(buyer, dict):
            return
        number, email = buyer.get("id"), buyer.get("email")
        if isinstance(number, str) and isinstance(email, str) and number not in {"", NOBODY} | self._kept.keys():
            names = {name: buyer[name] for name in NAMES if isinstance(buyer.get(name), str)}
            self.put({"customerNumber": number, "contactEmail": email, **names})

    def customer(self, number: str) -> Json:
        """The profile. Raises `Refused`."""
        found = self._kept.get(number)
        if found is None:
            detail = f"Couldn't find a customer with customerNumber '{number}'"
            raise Refused(404, "Customer not Found", kind="application/json", detail=detail)
        return found
