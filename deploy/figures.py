"""Tells CloudWatch how many connections this node has: one line a minute, beside the node.

CloudWatch makes a metric of each line in its Embedded Metric Format that comes to its logs, so the
node needs no rights and no agent. A node that does not answer is not told of: the average over the
nodes, by which they are scaled, is one of nodes that do.
"""

import json
import os
import sys
import time
import urllib.request

INTERVAL_SECONDS = 60
GAUGE = "chatroom_connections"


def read(url: str) -> float:
    """The gauge's sum over its labels, from a page in Prometheus' text format."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        lines = answer.read().decode().splitlines()
    samples = [
        line.rpartition(" ") for line in lines if line.startswith((f"{GAUGE} ", f"{GAUGE}{{"))
    ]
    if not samples:
        raise LookupError(f"{url} tells nothing of {GAUGE}")
    return sum(float(value) for _, _, value in samples)


def line(deployment: str, connections: float) -> str:
    metric = {
        "Namespace": "Chatroom",
        "Dimensions": [["Deployment"]],
        "Metrics": [{"Name": GAUGE, "Unit": "Count"}],
    }
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]}
    return json.dumps({"_aws": about, "Deployment": deployment, GAUGE: connections})


def main() -> None:
    url, deployment = os.environ["METRICS_URL"], os.environ["DEPLOYMENT"]
    while True:
        try:
            print(line(deployment, read(url)), flush=True)
        except (OSError, LookupError, ValueError) as error:
            print(f"No figures: {error}", file=sys.stderr, flush=True)
        time.sleep(INTERVAL_SECONDS)


if __name__ == "__main__":
    main()
