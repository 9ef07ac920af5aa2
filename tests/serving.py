"""A real server inside a test process."""

from __future__ import annotations

from typing import Any


def close_in_its_own_thread(server: Any) -> None:
    """To be called by the server's loop, through its trigger: the loop ends when it has nothing left to listen to."""
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.close()
