"""From a question to a checked answer, and the one-shot commands."""
