"""The optimizer measured: public instances, peers on the same instances in the same run, an independent checker on every answer."""
