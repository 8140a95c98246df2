"""The cache: Django's on Redis, through the breaker of the broker."""

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from annotation.broker import GuardedRedis


class _GuardedClient(RedisCacheClient):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._client = GuardedRedis


class GuardedCache(RedisCache):
    """Raises redis.RedisError at once while Redis is away, instead of waiting in each request."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _GuardedClient
