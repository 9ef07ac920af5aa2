"""Printed papers: what the books say, as PDF that an office signs and seals."""
