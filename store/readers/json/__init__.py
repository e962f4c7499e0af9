"""JSON of any service: a whole response, a result page, an array, JSON Lines, one record.
Here stands how values are read with flat memory, which objects are papers, and which path of
a service holds what. Nothing that cleans or judges a value: that is done for every format.
"""
