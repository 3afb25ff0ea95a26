"""Money: an exact decimal amount and its currency, never a float.

Source: ISO 4217:2015, list one (active national currencies; funds, metals and testing codes left out).
"""

from __future__ import annotations

import re
from decimal import Decimal

from geo.said import say
from telemetry.fields import wrong

_AMOUNT = re.compile(r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?\Z")
_NO_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_TWO_DIGITS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
    COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
    MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER
    ZAR ZMW ZWG
"""
_DIGITS = {
    code: digits
    for digits, codes in ((0, _NO_MINOR), (2, _TWO_DIGITS), (3, _THREE_DIGITS))
    for code in codes.split()
}


def exact(amount: str, currency: str, field: str, name: str = "amount") -> str:
    """With as many decimals as the currency has: ("12.5", "CNY") is 12.50.

    field: what holds them in the request, and `name` the amount there. Raises BadRequest.
    """
    digits = _DIGITS.get(currency)
    if digits is None:
        unknown = say("currency-unknown", "must be a currency code of ISO 4217, such as CNY, EUR or USD")
        raise wrong(f"{field}.currency", unknown)
    if not _AMOUNT.match(amount):
        form = say("amount-form", 'must be a decimal number in a string, not negative, such as "12.50"')
        raise wrong(f"{field}.{name}", form)
    number = Decimal(amount)
    rounded = number.quantize(Decimal(1).scaleb(-digits))
    if rounded != number:
        fine = say(
            "amount-too-fine",
            "has more decimals than {currency} knows ({digits})",
            currency=currency,
            digits=digits,
        )
        raise wrong(f"{field}.{name}", fine)
    return str(rounded)
