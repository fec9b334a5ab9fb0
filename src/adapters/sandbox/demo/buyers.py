"""Who orders in the demo."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.sandbox.answers import Json


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer and where the invoice goes; a company has a name of its own, and perhaps a VAT id.

    One without a `language` never said which he prefers.
    """

    key: str
    first: str
    last: str
    street: str
    number: str
    zip_code: str
    city: str
    country: str
    company: str = ""
    vat_id: str = ""
    language: str = ""

    @property
    def profile(self) -> Json:
        """The customer as the platform knows him (`customer-service.yaml`)."""
        language = {"preferredLanguage": self.language} if self.language else {}
        named = {"firstName": self.first, "lastName": self.last}
        return {"customerNumber": f"c-{self.key}", "contactEmail": self.email, **named, **language}

    @property
    def email(self) -> str:
        """Where he is written to."""
        return f"{self.key}@customer.example"

    @property
    def name(self) -> str:
        """The whole name; in Chinese the family comes first."""
        return f"{self.last}{self.first}" if self.country == "CN" else f"{self.first} {self.last}"

    @property
    def customer(self) -> Json:
        """The order's customer."""
        names = {"firstName": self.first, "lastName": self.last, "name": self.name}
        company = {"company": self.company} if self.company else {}
        return {"id": f"c-{self.key}", **names, **company, "email": self.email}

    @property
    def mixins(self) -> Json:
        """What the order tells of the customer's taxes, where sellers look for it unless they say otherwise."""
        return {"customerTax": {"vatId": self.vat_id}} if self.vat_id else {}

    @property
    def address(self) -> Json:
        """The order's billing and shipping address."""
        company = {"companyName": self.company} if self.company else {}
        return {
            "contactName": self.name,
            **company,
            "street": self.street,
            "streetNumber": self.number,
            "zipCode": self.zip_code,
            "city": self.city,
            "country": self.country,
        }


ANNA = Buyer("anna", "Anna", "Schröder", "Schönhauser Allee", "148", "10435", "Berlin", "DE", language="de_DE")
LUC = Buyer("luc", "Luc", "Lefèvre", "Rue de l'Église", "7", "67000", "Strasbourg", "FR", language="fr_FR")
BEN = Buyer("ben", "Ben", "Okafor", "Marktplatz", "1", "20095", "Hamburg", "DE")
WERK = Buyer("werk", "Jörg", "Weiß", "Industriestraße", "40", "70565", "Stuttgart", "DE", "Werkzeug & Söhne GmbH")
URS = Buyer("urs", "Urs", "Zürcher", "Münstergasse", "9", "3011", "Bern", "CH")
YUKI = Buyer("yuki", "Yuki", "Tanaka", "Meguro", "2-10-8", "153-0063", "Tokyo", "JP")
ELENI = Buyer("eleni", "Ελένη", "Παπαδοπούλου", "Οδός Ερμού", "25", "105 63", "Αθήνα", "GR", language="el_GR")
ZANETA = Buyer(
    "zaneta", "Żaneta", "Brzęczyszczykiewicz", "ul. Świętokrzyska", "3", "31-109", "Kraków", "PL", language="pl_PL"
)
DIMITAR = Buyer("dimitar", "Димитър", "Йорданов", "бул. Витоша", "18", "1000", "София", "BG")
NOURA = Buyer("noura", "نورة", "القحطاني", "شارع العليا العام", "7214", "12244", "الرياض", "SA")
TAMAR = Buyer("tamar", "תמר", "בן־דוד", "שדרות הנשיא", "98", "3463421", "חיפה", "IL")
XIAOWEN = Buyer("xiaowen", "晓雯", "陈", "南京西路", "1266号", "200040", "上海市", "CN")
ATELIER = Buyer(
    "atelier",
    "Luc",
    "Lefèvre",
    "Quai des Bateliers",
    "11",
    "67000",
    "Strasbourg",
    "FR",
    "Atelier Lefèvre",
    "FR32123456789",
)
CAFE = Buyer(
    "cafe", "Resi", "Wögerbauer", "Gumpendorfer Straße", "11", "1060", "Wien", "AT", "Café Wögerbauer", "ATU12345675"
)
EVERYONE = (ANNA, LUC, BEN, WERK, URS, YUKI, ELENI, ZANETA, DIMITAR)
