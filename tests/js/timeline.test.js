import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline } from "../../static/js/models/timeline.js";
import { FakeRoom } from "./fakes.js";

/**
 * @param {FakeRoom} room
 * @param {number} limit
 */
function pageOf(room, limit = 50) {
  const { log, head, epoch } = room;
  const position = { epoch, seq: head, id: head > 0 ? `id-${head}` : null };
  return new Timeline({ position, messages: log.slice(-limit), more: log.length > limit });
}

/** @param {Timeline} timeline */
function bodies(timeline) {
  return timeline.messages.map(({ body }) => body);
}

test("messages stand in the order of their numbers, each once", () => {
  const room = new FakeRoom();
  const timeline = pageOf(room);
  for (const body of ["one", "two", "three"]) {
    room.post(body);
  }

  assert.equal(timeline.apply(room.changes(1, 2)), "applied");
  assert.equal(timeline.apply(room.changes(1, 2)), "old");
  assert.equal(timeline.apply(room.changes(2, 3)), "applied");

  assert.deepEqual(bodies(timeline), ["one", "two", "three"]);
  assert.deepEqual(timeline.position, { epoch: "first", seq: 3, id: "id-3" });
});

test("nothing is appended across a gap", () => {
  const room = new FakeRoom();
  const timeline = pageOf(room);
  room.post("one");
  room.post("two");

  assert.equal(timeline.apply(room.changes(2)), "gap");

  assert.deepEqual(bodies(timeline), []);
  assert.equal(timeline.position.seq, 0);
});

test("the cursor moves to the end of a frame even where it has fewer messages", () => {
  const room = new FakeRoom();
  const timeline = pageOf(room);
  room.post("one");
  room.edit(1, "uno");
  room.edit(1, "eins");

  timeline.apply(room.changes(1, 3));

  assert.deepEqual(bodies(timeline), ["eins"]);
  assert.equal(timeline.position.seq, 3);
});

test("the cursor moves over numbers of which nothing is told", () => {
  const room = new FakeRoom();
  const timeline = pageOf(room);
  room.post("one");
  room.post("two");

  timeline.apply({ ...room.changes(1, 2), messages: room.changes(1).messages });
  room.post("three");

  assert.equal(timeline.position.seq, 2);
  assert.equal(timeline.apply(room.changes(3)), "applied");
});

test("an older state never replaces a newer one", () => {
  const room = new FakeRoom();
  room.post("one");
  const older = room.changes(1);
  room.edit(1, "uno");
  const timeline = pageOf(room);

  timeline.enter({ ...room.entered(2), messages: older.messages });

  assert.deepEqual(bodies(timeline), ["uno"]);
});

test("another epoch is a gap, and its first page a new beginning", () => {
  const room = new FakeRoom();
  room.post("lost");
  const timeline = pageOf(room);
  const restored = new FakeRoom();
  restored.epoch = "second";
  restored.post("found");

  assert.equal(timeline.apply(restored.changes(1)), "gap");
  timeline.enter({ ...restored.entered(0), reset: "epoch" });

  assert.deepEqual(bodies(timeline), ["found"]);
  assert.equal(timeline.position.epoch, "second");
});

test("older history stands before what is held, without a hole", () => {
  const room = new FakeRoom();
  for (let number = 1; number <= 9; number += 1) {
    room.post(String(number));
  }
  const timeline = pageOf(room, 3);

  timeline.prepend(room.history(timeline.oldest, 4));

  assert.deepEqual(bodies(timeline), ["3", "4", "5", "6", "7", "8", "9"]);
  assert.equal(timeline.more, true);
});

test("a change of a message that is not loaded yet leaves no hole", () => {
  const room = new FakeRoom();
  for (let number = 1; number <= 5; number += 1) {
    room.post(String(number));
  }
  const timeline = pageOf(room, 2);
  room.edit(1, "one");

  timeline.apply(room.changes(6));

  assert.deepEqual(bodies(timeline), ["4", "5"]);
});

test("a history page that was read before a change shows the change all the same", () => {
  const room = new FakeRoom();
  for (let number = 1; number <= 5; number += 1) {
    room.post(String(number));
  }
  const timeline = pageOf(room, 2);
  const page = room.history(timeline.oldest, 10);
  room.edit(1, "one");

  timeline.apply(room.changes(6));
  timeline.prepend(page);

  assert.deepEqual(bodies(timeline), ["one", "2", "3", "4", "5"]);
});

test("what was trimmed can be loaded again", () => {
  const room = new FakeRoom();
  for (let number = 1; number <= 5; number += 1) {
    room.post(String(number));
  }
  const timeline = pageOf(room);

  timeline.trim(2);
  assert.deepEqual(bodies(timeline), ["4", "5"]);
  timeline.prepend(room.history(timeline.oldest, 50));

  assert.deepEqual(timeline.messages, room.log);
});

/** @param {number} count */
function longRoom(count) {
  const room = new FakeRoom();
  for (let number = 1; number <= count; number += 1) {
    room.post(String(number));
  }
  return room;
}

/**
 * @param {FakeRoom} room
 * @param {number} to
 * @param {number} limit
 */
function pageUpTo(room, to, limit) {
  return { ...room.history(to + 1, limit), to, asked: room.head };
}

test("a link into the past shows that part; what is new waits beyond it", () => {
  const room = longRoom(500);
  const timeline = pageOf(room);

  timeline.move(pageUpTo(room, 60, 20));
  room.post("live");
  timeline.apply(room.changes(501));

  assert.equal(timeline.oldest, 41);
  assert.equal(timeline.messages.at(-1)?.seq, 60);
  assert.equal(timeline.edge, 60);
  assert.ok(timeline.newer);
});

test("newer history follows page by page up to the present, live messages included", () => {
  const room = longRoom(500);
  const timeline = pageOf(room);
  timeline.move(pageUpTo(room, 60, 60));

  while (timeline.newer) {
    const page = pageUpTo(room, timeline.edge + 100, 100);
    const { edge } = timeline;
    room.post("while it was on its way");
    room.edit(edge + 1, "edited meanwhile");
    timeline.apply(room.changes(room.head - 1, room.head));
    timeline.append({ ...page, messages: page.messages.filter(({ seq }) => seq > edge) });
  }

  assert.deepEqual(timeline.messages, room.log);
});

test("the newest page ends the trace into the past", () => {
  const room = longRoom(500);
  const timeline = pageOf(room);
  timeline.move(pageUpTo(room, 60, 20));
  const page = pageUpTo(room, Number.MAX_SAFE_INTEGER - 1, 50);
  room.post("live");
  timeline.apply(room.changes(501));

  timeline.move(page);

  assert.equal(timeline.newer, false);
  assert.deepEqual(timeline.messages, room.log.slice(-51));
});

test("whatever the wire may do to the frames, the log is the same", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = dice(seed);
    const room = new FakeRoom();
    for (let number = 0; number < random(6); number += 1) {
      room.post(`before ${number}`);
    }
    const timeline = pageOf(room, 1 + random(4));
    let from = room.head + 1;
    const frames = [];
    for (let step = 0; step < 12; step += 1) {
      for (let change = 0; change <= random(3); change += 1) {
        if (room.head === 0 || random(2) === 0) {
          room.post(`said ${room.head}`);
        } else {
          const seqs = [...room.messages.keys()];
          room.edit(/** @type {number} */ (seqs[random(seqs.length)]), `edited ${room.head}`);
        }
      }
      frames.push(room.changes(from, room.head));
      from = room.head + 1;
    }

    while (frames.length > 0) {
      const index = random(frames.length);
      const frame = /** @type {(typeof frames)[0]} */ (frames[index]);
      if (random(3) > 0) {
        frames.splice(index, 1);
      }
      if (timeline.apply(frame) === "gap") {
        do {
          timeline.enter(room.entered(timeline.position.seq, 1 + random(5)));
        } while (timeline.position.seq < room.head && random(2) === 0);
      }
    }
    while (timeline.position.seq < room.head) {
      timeline.enter(room.entered(timeline.position.seq, 3));
    }
    while (timeline.more) {
      timeline.prepend(room.history(timeline.oldest, 1 + random(3)));
    }

    assert.deepEqual(timeline.messages, room.log, `seed ${seed}`);
  }
});

/**
 * @param {number} seed
 * @returns {(sides: number) => number} the same throws for the same seed
 */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}
