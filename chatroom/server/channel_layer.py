"""The channel layer: channels_redis's, which waits for a message instead of asking for one.

Theirs wakes ten times a second, for as long as a node rests: a tenth of what a quiet room costs.
"""

import asyncio
import logging
from typing import Any

from channels_redis.pubsub import (
    RedisPubSubChannelLayer,
    RedisPubSubLoopLayer,
    RedisSingleShardConnection,
)

logger = logging.getLogger(__name__)

# Below `socket_timeout` (settings.py), at which redis-py would cut an idle connection off.
RECEIVE_SECONDS = 5


class ChannelLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Redis's publish and subscribe, for as many event loops as use it."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            super()._get_layer()  # which also sees to its end with the loop
            self._layers[loop] = _LoopLayer(*self._args, channel_layer=self, **self._kwargs)
        return self._layers[loop]


class _LoopLayer(RedisPubSubLoopLayer):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shards: list[RedisSingleShardConnection] = [
            _Shard(shard.host, self) for shard in self._shards
        ]


class _Shard(RedisSingleShardConnection):  # type: ignore[misc]
    async def _do_receiving(self) -> None:
        while True:
            try:
                if self._pubsub and self._pubsub.subscribed:
                    message = await self._pubsub.get_message(
                        ignore_subscribe_messages=True, timeout=RECEIVE_SECONDS
                    )
                    self._receive_message(message)
                else:
                    await asyncio.sleep(0.1)
            except (asyncio.CancelledError, GeneratorExit):
                raise
            except Exception as error:
                # The hub says once that Redis is away.
                logger.debug("Nothing received from Redis: %r", error)
                await asyncio.sleep(1)
