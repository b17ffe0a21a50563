"""The lab's client notices how its socket ends, whatever it is doing then."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from lab.kit.chat_client import ChatClient
from lab.kit.deployment import Endpoint

RESET = struct.pack("ii", 1, 0)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Answers a ping with a pong, and ends the socket in the way that it is asked for."""

    async def answer(connection: ServerConnection) -> None:
        async for command in connection:
            if '"ping"' in str(command):
                await connection.send('{"type":"pong","ref":"1"}')
            elif '"close"' in str(command):
                await connection.close(4001)
            else:
                sent = connection.transport.get_extra_info("socket")
                await connection.send("{" + '"type":"filler"' + " " * 50_000 + "}")
                sent.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                connection.transport.abort()

    async with serve(answer, "127.0.0.1", 0, compression=None) as listening:
        yield listening


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ChatClient]:
    client = ChatClient()
    port = next(iter(server.sockets)).getsockname()[1]
    await client.connect(Endpoint("server", port), "", receive_buffer=4096)
    yield client
    client.abort()


async def test_a_reset_while_nothing_is_read_is_noticed_afterwards(client: ChatClient) -> None:
    client.pause_reading()
    client.send(b'{"type":"reset"}')
    await asyncio.sleep(0.3)
    assert not client.closed.is_set()

    client.resume_reading()

    async with asyncio.timeout(5):
        await client.closed.wait()
    assert client.close_code == 1006


async def test_a_question_that_is_not_answered_ends_with_its_socket(client: ChatClient) -> None:
    assert (await client.ask("ping")).type == "pong"

    with pytest.raises(ConnectionResetError):
        await client.ask("close", patience=30)

    assert client.close_code == 4001


async def test_a_client_connects_again_as_if_it_were_new(
    client: ChatClient, server: Server
) -> None:
    with pytest.raises(ConnectionResetError):
        await client.ask("close")
    port = next(iter(server.sockets)).getsockname()[1]

    await client.connect(Endpoint("server", port), "")

    assert (client.close_code, client.closed.is_set()) == (0, False)
