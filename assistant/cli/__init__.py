"""The one-shot commands."""
