"""What the service knows and decides, whoever asks and wherever it runs."""
