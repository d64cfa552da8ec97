"""Builders of the smallest valid objects, one module a package."""
