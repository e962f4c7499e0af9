"""The reader's settings: the file and its lines, models, keys, prices, the addresses of endpoints.
Values and checks of values only.
Nothing that connects to an address or makes a model: that is wiring.
"""
