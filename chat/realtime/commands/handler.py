"""What the handler of a command gets and returns."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from ... import protocol
from ..connection import Connection
from ..node import Node

# What is left to do where a command cannot be answered at once: the commands behind it wait.
Work = Coroutine[Any, Any, None]

# Carries out the command of a connection, which was received at that time. A refusal is raised.
Handler = Callable[[Node, Connection, Any, datetime], Work | None]

# The handlers of some types of commands.
Table = dict[type[protocol.Command], Handler]
