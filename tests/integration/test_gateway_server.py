"""The server itself: its port, health, reflection, and its end."""

import asyncio
import gc
import logging
import socket
from typing import Any

import grpc
import pytest
from armillary.operator.v1 import operator_pb2
from armillary.telescope.v1 import telescope_pb2 as pb
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from coordinator.gateway.practice import practice_gateway
from coordinator.gateway.server import SERVICES
from telescopes.description.errors import Refused

Status = health_pb2.HealthCheckResponse


async def test_a_port_in_use_is_refused_with_what_to_do(gateway: Any) -> None:
    port = int(gateway.address.rpartition(":")[2])
    with pytest.raises(Refused) as refused:
        await practice_gateway("127.0.0.1", port).start()
    assert str(refused.value) == (
        f"127.0.0.1:{port}: cannot listen there (Address already in use); "
        "stop what listens there, or choose another host or port (port 0 takes a free one)"
    )


async def test_a_port_that_another_program_holds_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Refused, match="Address already in use"):
        await practice_gateway("127.0.0.1", other.getsockname()[1]).start()


async def test_a_host_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match="cannot listen there"):
        await practice_gateway("192.0.2.1", 0).start()


async def test_the_gateway_can_be_started_again_on_its_port() -> None:
    port = 0
    for _ in range(3):
        server = practice_gateway("127.0.0.1", port)
        port = await server.start()
        await server.stop(grace_s=0.5)


async def test_it_says_that_it_serves_and_later_that_it_does_not(gateway: Any) -> None:
    health = health_pb2_grpc.HealthStub(gateway.channel())
    for service in ("", *SERVICES):
        assert (await health.Check(health_pb2.HealthCheckRequest(service=service))).status == Status.SERVING
    watched = health.Watch(health_pb2.HealthCheckRequest(service=SERVICES[0]))
    assert (await watched.read()).status == Status.SERVING
    stopping = asyncio.create_task(gateway.server.stop(grace_s=0.5))
    assert (await watched.read()).status == Status.NOT_SERVING
    await stopping


async def test_any_client_can_ask_what_the_service_looks_like(gateway: Any) -> None:
    def ask() -> tuple[set[str], DescriptorPool]:
        with grpc.insecure_channel(gateway.address) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            pool = DescriptorPool(database)
            for name in SERVICES:
                pool.FindServiceByName(name)
            return set(database.get_services()), pool

    services, pool = await asyncio.to_thread(ask)
    assert set(SERVICES) <= services
    ours = pb.DESCRIPTOR.services_by_name["TelescopeService"]
    theirs = pool.FindServiceByName(SERVICES[0])
    assert [m.name for m in theirs.methods] == [m.name for m in ours.methods]
    assert operator_pb2.DESCRIPTOR.services_by_name["OperatorService"].full_name == SERVICES[1]


async def test_a_stop_with_open_calls_of_every_kind_leaves_nothing_and_says_nothing(
    serve: Any, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    before = asyncio.all_tasks()
    gateway = await serve(heartbeat_s=60.0)
    with caplog.at_level(logging.WARNING):
        session = await gateway.session()
        streams = [gateway.stub().WatchCommands(pb.WatchCommandsRequest(session_id=session)) for _ in range(5)]
        watched = health_pb2_grpc.HealthStub(gateway.channel()).Watch(health_pb2.HealthCheckRequest(service=""))
        for stream in (*streams, watched):
            await stream.read()
        await gateway.server.stop(grace_s=0.2)
        await gateway.server.stop(grace_s=0.2)
        for channel in gateway.channels:
            await channel.close()
        del streams, watched, stream
        gc.collect()
        await until(lambda: asyncio.all_tasks() == before)
    assert gateway.service.open_streams == 0
    assert caplog.records == []
    with socket.create_server(("127.0.0.1", int(gateway.address.rpartition(":")[2]))):
        pass


async def test_a_gateway_that_never_started_can_be_stopped() -> None:
    await practice_gateway("127.0.0.1", 0).stop()
