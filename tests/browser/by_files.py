"""For test modules that look at the page as it comes file by file: they take both fixtures."""

import pytest

from tests.clients import Node

from .conftest import start_regulars


@pytest.fixture(scope="module")
def node(node_of_files: Node) -> Node:
    return node_of_files


regulars = pytest.fixture(scope="module")(start_regulars)
