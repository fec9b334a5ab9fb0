"""The only place that knows everybody: it assembles the service."""
