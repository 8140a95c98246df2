"""From which network address a request comes: the client's, not that of the proxies in front of Margin."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX_BITS = 64  # one network of one customer: who has it may use any address in it


def client_address(request: HttpRequest) -> str:
    """Return the address that the outermost trusted proxy saw; "" where there is none.

    Each trusted proxy (`MARGIN_TRUSTED_PROXIES`) adds to the end of X-Forwarded-For the address it was called from.
    What stands before these was sent by the client, who can write there what they like.
    """
    hops: int = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    direct = str(request.META.get("REMOTE_ADDR", ""))
    return _parse_address(forwarded[-hops]) or direct if 0 < hops <= len(forwarded) else direct


def client_network(request: HttpRequest) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 network of an IPv6 address."""
    address = client_address(request)
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address, IPV6_PREFIX_BITS), strict=False))
    except ValueError:
        return address


def _parse_address(part: str) -> str:
    """Return the address without a port and brackets; "" where it is none."""
    host = part[1:].partition("]")[0] if part.startswith("[") else part
    if host.count(":") == 1:  # IPv4 with a port
        host = host.partition(":")[0]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
