# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The harness itself: what a test gets from it is real, its own, and gone afterwards."""

import socket

import pytest

from tests.stack.component import Component, Postgres, free_ports


def test_every_test_has_a_database_of_its_own(postgres: Postgres) -> None:
    postgres.sql("CREATE TABLE seed AS SELECT 1 AS n", template := postgres.create_database())
    mine, theirs = (postgres.create_database(template) for _ in range(2))
    postgres.sql("INSERT INTO seed VALUES (2)", mine)

    assert postgres.sql("SELECT sum(n) FROM seed", mine) == "3"
    assert postgres.sql("SELECT sum(n) FROM seed", theirs) == "1"
    for name in (mine, theirs, template):
        postgres.drop_database(name)
    assert not {mine, theirs, template} & set(postgres.sql("SELECT datname FROM pg_database").split())


def test_postgres_is_new_enough(postgres_url: str, postgres: Postgres) -> None:
    assert int(postgres.sql("SHOW server_version_num")) >= 150000
    assert postgres_url.startswith("postgresql://postgres@127.0.0.1:")


def test_what_was_committed_outlives_a_crash_of_the_database() -> None:
    with Postgres(durable=True) as server:
        server.sql("CREATE TABLE kept AS SELECT 42 AS n")
        server.crash()
        server.start()
        assert server.sql("SELECT n FROM kept") == "42"
        assert "recovery" in (server.data / "postgres.log").read_text()
    assert not server.data.exists()


def test_a_component_that_does_not_start_says_why() -> None:
    with socket.socket() as other:
        server = Postgres()
        other.bind(("127.0.0.1", server.port))
        other.listen()
        with pytest.raises(RuntimeError, match=f"port {server.port} is taken"), server:
            raise AssertionError("started on a port that belongs to somebody else")
    assert not server.data.exists()


def test_starting_twice_and_stopping_twice_changes_nothing(postgres: Postgres) -> None:
    pid = postgres.pid
    postgres.start()
    assert postgres.pid == pid
    with Component("postgres", {"PG_DURABLE": "no"}) as other:
        other.stop()
        other.stop()


def test_a_hanging_component_keeps_its_connections_and_answers_later(postgres: Postgres) -> None:
    with postgres.hanging(), socket.create_connection(("127.0.0.1", postgres.port), timeout=5) as client:
        client.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")  # SSLRequest: answered with one byte
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
    assert postgres.sql("SELECT 1") == "1"


def test_ports_are_consecutive_and_free_for_both_protocols() -> None:
    first = free_ports(3)
    for port in range(first, first + 3):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(type=kind) as probe:
                probe.bind(("127.0.0.1", port))
                assert probe.getsockname()[1] == port
