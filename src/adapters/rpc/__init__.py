"""The service over gRPC."""

from adapters.rpc.server import RpcServer

__all__ = ["RpcServer"]
