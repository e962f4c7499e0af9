"""Asking every paper: the same question put to each abstract, answered with a denominator."""
