"""What PostgreSQL and Redis count of their work."""

import time

import psycopg
import redis

from ..kit.launcher import LocalDeployment


def transactions(deployment: LocalDeployment) -> int:
    """Carried out by PostgreSQL so far; outside of `BEGIN` each statement is one."""
    # A session reports its counts when it has been idle for a second.
    time.sleep(2.5)
    with psycopg.connect(deployment.database_url) as connection:
        row = connection.execute(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database"
            " WHERE datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0


def redis_commands(deployment: LocalDeployment) -> int:
    """Carried out by Redis so far."""
    with redis.Redis.from_url(deployment.redis.url) as client:
        return int(client.info("stats")["total_commands_processed"])
