"""Where requests and sockets come in."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatroom.settings")

from django.core.asgi import get_asgi_application

# Loads the apps: models can be imported from here on.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from chat.consumers import ChatConsumer  # noqa: E402
from chatroom.health import HealthFirst  # noqa: E402
from chatroom.metrics import AnswersCounted  # noqa: E402
from chatroom.origin import SameOriginOnly  # noqa: E402
from chatroom.peer import PeerBehindProxy  # noqa: E402

application = PeerBehindProxy(
    ProtocolTypeRouter(
        {
            "http": HealthFirst(AnswersCounted(django_application)),
            "websocket": SameOriginOnly(ChatConsumer.as_asgi()),
        }
    )
)
