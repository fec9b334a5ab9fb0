"""The service over HTTP: documents, and whether it is alive and ready."""

from adapters.http.server import HttpServer

__all__ = ["HttpServer"]
