"""What keeps the work going: it takes the orders that are due and has them worked on."""

from adapters.engine.embedded import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
