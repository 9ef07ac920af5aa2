"""Supply requests: who needs what, where, by when, how urgently; and letters to bodies outside the chain of command."""
