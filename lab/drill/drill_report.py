"""The figures of a drill, out of what its clients and its nodes' logs say."""

import re
from collections import Counter
from collections.abc import Iterable

from ..checker.check import check
from ..checker.history import History
from ..checker.records import Send
from ..faults.fault import Promise
from .scenario import Scenario
from .verdict import DrillVerdict, Times

# A message that reaches someone later than this, or is acknowledged later, was held up.
LATE_SECONDS = 0.5
_READ = re.compile(r"Room (\S+): read \d+…(\d+) ")


def verdict_on(scenario: Scenario, fault: str, promise: Promise, history: History) -> DrillVerdict:
    observed, injections = scenario.observed, scenario.injections
    said = [line for door in scenario.deployment.endpoints for line in door.log_lines()]
    signs = sorted(
        [at for at, _ in observed.signs] + [line.at for line in said if line.level == "WARNING"]
    )
    late = [delivery.at for delivery in observed.deliveries if delivery.lag > LATE_SECONDS]
    late += [at for at, lag in observed.answers if lag > LATE_SECONDS]
    late += [at for at, _ in observed.returns]
    ends = [*(injection.prepared for injection in injections[1:]), float("inf")]
    noticed, recovered, mended, meanwhile, away = [], [], [], [], []
    for injection, end in zip(injections, ends, strict=True):
        noticed += [at - injection.began for at in _between(signs, injection.began, end)][:1]
        last = max(_between(late, injection.began, end), default=injection.began)
        recovered.append(last - injection.began)
        mended.append(max(0.0, last - injection.healed))
        away += [gone for at, gone in observed.returns if injection.began <= at < end]
    stretches = iter([(i.began, i.healed) for i in injections])
    began, healed = next(stretches)
    for delivery in observed.deliveries:  # in the order of time
        while delivery.at > healed and (stretch := next(stretches, None)):
            began, healed = stretch
        if began <= delivery.at <= healed:
            meanwhile.append(delivery.waited)
    reads = {
        (line.node, found[1], int(found[2])) for line in said if (found := _READ.match(line.text))
    }
    ways = Counter[str]()
    for delivery in observed.deliveries:
        was_read = (delivery.node, delivery.room, delivery.last) in reads
        way = "read" if delivery.source == "live" and was_read else delivery.source
        ways[way] += delivery.messages
    converged = [i.converged for i in injections if i.converged is not None]
    oks = [send for send in history.of(Send) if send.type == "ok"]
    return DrillVerdict(
        fault=fault,
        promise=promise,
        injections=len(injections),
        clients=len(scenario.clients),
        acknowledged=len(oks),
        deliveries=ways.total() or 1,
        findings=check(history),
        lost_with_the_tail=sum(
            bool(history.cuts(ok.room, ok.seq, ok.t))
            and getattr(history.log[ok.room].get(ok.seq), "id", "") != ok.id
            for ok in oks
        ),
        noticed=Times(noticed),
        unnoticed=len(injections) - len(noticed),
        recovered=Times(recovered),
        recovered_after_mending=Times(mended),
        away=Times(away),
        converged=Times(converged),
        unconverged=len(injections) - len(converged),
        delivery=Times([delivery.lag for delivery in observed.deliveries]),
        delivered=Times([delivery.waited for delivery in observed.deliveries]),
        delivered_meanwhile=Times(meanwhile),
        answer=Times([lag for _, lag in observed.answers]),
        resumed=ways["resume"],
        read=ways["read"],
        closes=Counter(observed.closes),
        quiet_after=scenario.quiet_after,
        unsent=scenario.unsent,
    )


def _between(times: Iterable[float], start: float, end: float) -> list[float]:
    return [at for at in times if start <= at < end]
