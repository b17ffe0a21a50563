"""Ways to break the log and the live half: commit, catching up, hub, writer, bus."""

from .mutant import Mutant

WEB_LIMITS = "tests/chat/web/test_limits.py"
HUB = "tests/chat/realtime/test_hub.py"
ENTERING = "tests/chat/realtime/test_hub_entering.py"
SWEEPS = "tests/chat/realtime/test_hub_fanout.py"
LOG = "tests/chat/messages/test_commit.py"
CONCURRENCY = "tests/chat/messages/test_commit_concurrency.py"
READING = "tests/chat/messages/test_catching_up.py"

LIVE_MUTANTS = [
    Mutant(
        "ack before commit",
        "chat/realtime/writer.py",
        "            batch = [(operation, sender, reply, perf_counter())]\n",
        "            sender.write_all([reply(None)])  # type: ignore[arg-type]\n"
        "            batch = [(operation, sender, reply, perf_counter())]\n",
        ("tests/chat/realtime/test_writer.py",),
    ),
    Mutant(
        "a lost connection of the loop counts as free",
        "chat/realtime/loop_connections.py",
        "            if is_sound or self._closed:\n",
        "            if connection:\n",
        ("tests/chat/realtime/test_loop_connections.py", "-k", "dies"),
    ),
    Mutant(
        "a connection that ends refuses what it carried",
        "chat/realtime/committer.py",
        "                rows = []\n",
        "                return [commit.room_busy()] * len(posts)\n",
        ("tests/chat/messages/test_commit_terminated.py", "-k", "of_the_loop"),
    ),
    Mutant(
        "fan-out before the acknowledgement",
        "chat/realtime/writer.py",
        "        self._answer(room, committed.batch, committed.outcomes)\n"
        "        for hint in committed.hints:\n"
        "            bus.publish_from_loop(hint)\n",
        "        for hint in committed.hints:\n"
        "            bus.publish_from_loop(hint)\n"
        "        self._answer(room, committed.batch, committed.outcomes)\n",
        ("tests/chat/realtime/test_writer.py", "-k", "answered_before"),
    ),
    Mutant(
        "a room is closed while somebody enters",
        "chat/realtime/room_stream.py",
        "        return bool(self.subscriptions or self.entering)",
        "        return bool(self.subscriptions)",
        (ENTERING, "-k", "who_enters_first"),
    ),
    Mutant(
        "a read mark goes back",
        "chat/realtime/read_markers.py",
        "WHERE chat_readmark.seq < excluded.seq\n",
        "",
        ("tests/chat/realtime/test_marks.py", "-k", "never_goes_back"),
    ),
    Mutant(
        "presence waits in the queue of the log",
        "chat/bus/broker.py",
        "        self.dropped += not self._outgoing.put_newest(key, (group, hint))\n",
        "        self.dropped += not self._outgoing.put((group, hint))\n",
        ("tests/chat/bus/test_publish_queue.py", "-k", "no_burst"),
    ),
    Mutant(
        "publish before commit",
        "chat/messages/commit.py",
        "        transaction.on_commit(partial(_tell, batch, announce))",
        "        _tell(batch, announce)",
        ("tests/chat/messages/test_commit_together.py", "-k", "announced"),
    ),
    Mutant(
        "no head poll",
        "chat/realtime/hub.py",
        "        heads = await self._head_poller.heads(list(self.rooms))",
        "        heads: room_heads.Heads = {}",
        (HUB, "-k", "lost_last_message"),
    ),
    Mutant(
        "gap timer never fires",
        "chat/realtime/gap_repair.py",
        "                GAP_SECONDS, self._gap_is_due, live",
        "                10**6, self._gap_is_due, live",
        (HUB, "-k", "a_gap_is_read_soon"),
    ),
    Mutant(
        "identity column instead of head row",
        "chat/messages/single_statement_commit.py",
        "    SELECT $1, head + place, head + place, uid,",
        "    SELECT $1, nextval(pg_get_serial_sequence('chat_message', 'id')),\n"
        "           currval(pg_get_serial_sequence('chat_message', 'id')), uid,",
        (LOG,),
    ),
    Mutant(
        "the time is taken before the lock",
        "chat/messages/single_statement_commit.py",
        "greatest(clock_timestamp(), last_at) AS at",
        "statement_timestamp() AS at",
        (LOG, "-k", "times_never_go_back"),
    ),
    Mutant(
        "drop FOR UPDATE",
        "chat/messages/commit.py",
        'RoomHead.objects.select_for_update(no_key=True, of=("self",))',
        "RoomHead.objects",
        (CONCURRENCY,),
    ),
    Mutant(
        "dedupe after increment",
        "chat/messages/commit.py",
        '                raise KeyReused(gettext("This was sent before with another text."))\n',
        '                raise KeyReused(gettext("This was sent before with another text."))\n'
        "            self.head, self.last_id = self.head + 1, known.uid\n",
        (LOG,),
    ),
    Mutant(
        "dedupe without lock",
        "chat/messages/commit.py",
        "    with transaction.atomic():\n"
        "        answers = _number_and_write(room, operations, announce)\n",
        "    known = idempotency.find_repeats(room, operations)\n"
        "    idempotency.find_repeats = lambda *_: known  # type: ignore[assignment]\n"
        "    with transaction.atomic():\n"
        "        answers = _number_and_write(room, operations, announce)\n",
        (CONCURRENCY,),
    ),
    Mutant(
        "skip id check on resume",
        "chat/messages/catch_up.py",
        '    if position.seq and id_there != position.id:\n        return "mismatch"\n',
        "",
        (READING,),
    ),
    Mutant(
        "> becomes >= in backfill",
        "chat/messages/catch_up.py",
        "updated_seq__gt=seq, updated_seq__lte",
        "updated_seq__gte=seq, updated_seq__lte",
        (READING,),
    ),
    Mutant(
        "history read before SUBSCRIBE",
        "chat/realtime/hub.py",
        "        await self.bus.subscribe(room.pk)\n",
        "        asyncio.get_running_loop().call_later(\n"
        "            1, lambda: self._scheduler.run(self.bus.subscribe(room.pk))\n"
        "        )\n",
        (ENTERING, "-k", "while_a_room_is_opened"),
    ),
    Mutant(
        "backfill LIMIT off by one",
        "chat/messages/catch_up.py",
        "    messages = wire_messages(changed, settings.HISTORY_MAX_SIZE + 1)",
        "    messages = wire_messages(changed, settings.HISTORY_MAX_SIZE)",
        (READING,),
    ),
    Mutant(
        "replica read for backfill",
        "chat/messages/catch_up.py",
        "        rows = Message.objects.filter(reduce(or_, segments)).order_by(",
        "        newest = max(log.head for log, _ in positions)  # that has not arrived there yet\n"
        "        late = Message.objects.exclude(updated_seq=newest)\n"
        "        rows = late.filter(reduce(or_, segments)).order_by(",
        (READING,),
    ),
    Mutant(
        "fan-out loop without try/except",
        "chat/realtime/room_stream.py",
        "        except Exception:\n"
        "            # One broken socket must not stop the others, and with it the room.\n",
        "        except ZeroDivisionError:\n",
        (SWEEPS,),
    ),
    Mutant(
        "replay buffer evicts one too many",
        "chat/realtime/room_stream.py",
        "        while self.replay_buffer[0].last <= self.head - REPLAY_BUFFER_NUMBERS:",
        "        while self.replay_buffer[0].last <= self.head - REPLAY_BUFFER_NUMBERS + 1:",
        (HUB, "-k", "edge_of_the_ring"),
    ),
    Mutant(
        "a ban is obeyed only where its hint comes",
        "chat/realtime/node.py",
        "self.permissions.look(everything=seconds % CHECK_ALL_SECONDS == 0)",
        "asyncio.sleep(0)",
        ("tests/chat/moderation/test_moderation_across_nodes.py", "-k", "what_no_hint_tells"),
    ),
    Mutant(
        "each address of a network has a bucket",
        "chat/realtime/rate_limits.py",
        "self.check(policy, network_of(address) or address)",
        "self.check(policy, address)",
        (WEB_LIMITS, "-k", "one_bucket"),
    ),
    Mutant(
        "a room found for one is for all",
        "chat/realtime/hub.py",
        "            await self.require_access(room, key, member_id)\n        if room is None",
        "            pass\n        if room is None",
        (ENTERING, "-k", "found_for_one"),
    ),
    Mutant(
        "a visitor may do what a member may",
        "chat/realtime/visitors.py",
        "    if not isinstance(command, READING):",
        "    if command is None:",
        ("tests/chat/realtime/test_visitors.py", "-k", "refused_with_its_ref"),
    ),
    Mutant(
        "commands are carried out before the session is checked",
        "chat/realtime/consumer.py",
        "            if not connection.is_checked:\n",
        "            if connection.closed:\n",
        ("tests/chat/accounts/test_session_check.py", "-k", "unconfirmed"),
    ),
    Mutant(
        "the commit believes the session of the cookie",
        "chat/messages/authors.py",
        "        if not session or operation.session not in (None, session):\n",
        "        if not session:\n",
        ("tests/chat/accounts/test_speakers.py", "-k", "changes_nothing"),
    ),
    Mutant(
        "the end of a session is noticed by its hint alone",
        "chat/realtime/permission_cache.py",
        "            await self._registry.follow(numbers.sessions)\n",
        "",
        ("tests/chat/realtime/test_connection_registry.py", "-k", "noticed_by_a_number"),
    ),
    Mutant(
        "a hint counts as often as it comes",
        "chat/bus/broker.py",
        "        if not self._senders.is_new(letter.node, letter.number):\n",
        "        if letter.number < 0:\n",
        ("tests/chat/bus/test_replays.py", "-k", "sent_again"),
    ),
    Mutant(
        "a duty that failed is not done again",
        "chat/scheduler.py",
        "        except Exception as error:\n",
        "        except ZeroDivisionError as error:\n",
        ("tests/chat/test_scheduler.py", "-k", "done_again"),
    ),
    Mutant(
        "a copy's beats are believed",
        "chat/realtime/peer_nodes.py",
        "                if (self._inherited or {}).get(node) != at:\n",
        "                if at is not None:\n",
        ("tests/chat/realtime/test_peers.py", "-k", "copy"),
    ),
]
