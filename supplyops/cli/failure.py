"""How a command ends that cannot be done, and files that are written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import click

UNWRITABLE = {
    errno.ENOENT: "没有这个文件夹",
    errno.EACCES: "没有写入权限",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘只能读取",
}
"""Why the system would not take a file, in the user's words."""


class Failure(click.ClickException):
    """An end with a sentence and an exit code."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.exit_code = code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        """On the error stream, without decoration."""
        click.echo(self.message, err=True, file=file)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: one of that name stays as it was until the new one is complete."""
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise Failure(f"无法写入 {path}:{UNWRITABLE.get(error.errno or 0, error.strerror)}", 5) from None
