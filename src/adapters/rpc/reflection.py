"""Lets tools ask the server what it speaks: reflection v1 and v1alpha, which differ in nothing but their name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pool import Default
from grpc_reflection.v1alpha.reflection import SERVICE_NAME as V1ALPHA
from grpc_reflection.v1alpha.reflection import aio
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

V1 = "grpc.reflection.v1.ServerReflection"


class SymbolPool:
    """protobuf's pool of descriptors, which finds the file of every symbol but a method's."""

    def __init__(self) -> None:
        self._pool = Default()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:
        """The file in which the symbol, or method, is defined. Raises `KeyError`."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            return self._pool.FindMethodByName(symbol).containing_service.file


def add_reflection(server: grpc.aio.Server, services: Iterable[str]) -> None:
    """Serves reflection for these services and for itself."""
    reflection = aio.ReflectionServicer((*services, V1ALPHA, V1), pool=SymbolPool())
    info = grpc.stream_stream_rpc_method_handler(
        reflection.ServerReflectionInfo,
        ServerReflectionRequest.FromString,
        ServerReflectionResponse.SerializeToString,
    )
    methods = {"ServerReflectionInfo": info}
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(version, methods) for version in (V1ALPHA, V1)]
    )
