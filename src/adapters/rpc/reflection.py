"""Lets tools ask the server what it speaks: reflection v1 and v1alpha, which differ in nothing but their name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import Default, DescriptorPool
from grpc_reflection.v1alpha.reflection import SERVICE_NAME as V1ALPHA
from grpc_reflection.v1alpha.reflection import aio
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

V1 = "grpc.reflection.v1.ServerReflection"
ERROR_DETAILS = "google.rpc.ErrorInfo"
"""What errors carry besides their message; tools show it as text when they can learn what it is."""


class SymbolPool:
    """What the services are made of. Unlike protobuf's own pool it finds methods, and knows how JSON calls each field.

    Generated Python code leaves the JSON names out; tools that learn the services here would then write `job_id` where
    proto3 JSON says `jobId`.
    """

    def __init__(self, services: Iterable[str]) -> None:
        self._pool = DescriptorPool()
        added: set[str] = set()
        for symbol in (*services, ERROR_DETAILS):
            self._add(Default().FindFileContainingSymbol(symbol), added)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:
        """The file in which the symbol, or method, is defined. Raises `KeyError`."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            return self._pool.FindMethodByName(symbol).containing_service.file

    def _add(self, file: FileDescriptor, added: set[str]) -> None:
        """Adds the file, after those that it imports."""
        if file.name in added:
            return
        added.add(file.name)
        for imported in file.dependencies:
            self._add(imported, added)
        proto = FileDescriptorProto()
        file.CopyToProto(proto)
        for message in proto.message_type:
            _name_for_json(message, file.message_types_by_name[message.name])
        self._pool.Add(proto)


def _name_for_json(message: DescriptorProto, known: Descriptor) -> None:
    for field in message.field:
        field.json_name = known.fields_by_name[field.name].json_name
    for nested in message.nested_type:
        _name_for_json(nested, known.nested_types_by_name[nested.name])


def add_reflection(server: grpc.aio.Server, services: Iterable[str]) -> None:
    """Serves reflection for these services and for itself."""
    served = tuple(services)
    reflection = aio.ReflectionServicer((*served, V1ALPHA, V1), pool=SymbolPool((*served, V1ALPHA)))
    info = grpc.stream_stream_rpc_method_handler(
        reflection.ServerReflectionInfo,
        ServerReflectionRequest.FromString,
        ServerReflectionResponse.SerializeToString,
    )
    methods = {"ServerReflectionInfo": info}
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(version, methods) for version in (V1ALPHA, V1)]
    )
