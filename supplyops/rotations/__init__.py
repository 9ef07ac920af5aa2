"""Rotation: what to do with goods before their date, each choice a document that somebody else approves."""
