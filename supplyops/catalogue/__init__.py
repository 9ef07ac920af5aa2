"""What can be stored and asked for: items, packs, substitutes, need classes."""
