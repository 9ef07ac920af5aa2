"""Counting what lies in a store: cycle counts and full counts, blind, with a second person, differences decided and posted."""
