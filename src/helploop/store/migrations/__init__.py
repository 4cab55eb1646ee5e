"""Alembic's folder: recorded steps from one schema to the next."""
