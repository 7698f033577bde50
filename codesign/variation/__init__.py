"""Chips that differ: how they are drawn."""
