"""Models that answer: the seam, the endpoint, and the built-in extractive one."""
