"""The kernel: everything a package needs and no package owns.

Application factory, settings, database, clock and working days, money, public numbers, permissions,
audit, facts and outbox, state machines, page slots, files, mail, notices, limits, the API's ground and
the operator's commands live here. The kernel imports no feature; only `marketplace.app` wires the
features together.
"""
