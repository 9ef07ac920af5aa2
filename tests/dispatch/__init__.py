"""From approval to signed receipt."""
