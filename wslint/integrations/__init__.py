"""Thin fronts on ``run`` for other tools."""
