import os

from django.apps import AppConfig


class InsideConfig(AppConfig):
    """Loaded by lab/bench/node_settings.py alone."""

    name = "lab.bench.inside"
    label = "lab_inside"

    def ready(self) -> None:
        # Commands beside the nodes, such as `migrate`, are no nodes.
        if path := os.environ["LAB_CONTROL"]:
            from . import control_socket, keys

            keys.install()
            control_socket.install(path)
