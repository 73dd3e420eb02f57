"""What users type in: small, transactional, deletable. SQL: SQLite by default, PostgreSQL by URL.

The only room of the house that knows SQLAlchemy. Others call the functions of its modules with a
:class:`~lake.store.engine.Store`.
"""
