"""Hostile and random input, and fuzz runs too long for the regular tests."""
