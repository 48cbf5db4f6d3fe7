"""Observes a run of the tests: ``--wslint-witness``.

``watch`` keeps what was seen in each test, each module of ``signals`` observes one library, and
``plugin`` has the hooks of pytest. Nothing here is imported without the option.
"""
