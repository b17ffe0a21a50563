"""The ASGI application: routes HTTP requests and WebSockets through our middleware."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")

import django

# Loads the apps. Models can be imported only after this.
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter  # noqa: E402

from chat.realtime.consumer import ChatConsumer  # noqa: E402
from chatroom.server.health import HealthFirst  # noqa: E402
from chatroom.server.metrics_endpoint import AnswersCounted  # noqa: E402
from chatroom.server.origin import SameOriginOnly  # noqa: E402
from chatroom.server.proxy_headers import PeerBehindProxy  # noqa: E402
from chatroom.server.requests import Requests  # noqa: E402

requests = Requests()

application = PeerBehindProxy(
    ProtocolTypeRouter(
        {
            "http": HealthFirst(AnswersCounted(requests)),
            "websocket": SameOriginOnly(ChatConsumer.as_asgi()),
        }
    )
)
