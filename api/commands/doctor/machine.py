"""The machine: room on the disk, who may read what is kept there, and the time."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from api.commands.doctor.findings import Finding, ok, problem, size, warning

LEAST_FREE = 1_000_000_000
"""With less room than that, in bytes, a busy night may fill the disk."""

NONE_FREE = 50_000_000

OF_NETWORKS = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs")
)
"""File systems on which locks of SQLite do not hold, or not always."""


def check_home(home: Path) -> Iterator[Finding]:
    """The folder that Winnow writes to."""
    if not home.is_dir():
        said = f"There is no folder {home} yet."
        yield warning("disk", said, "`winnow serve` makes it; or WINNOW_HOME is another one.")
        return
    found = home.stat()
    if not os.access(home, os.W_OK | os.X_OK):
        said = f"This user may not write to {home}."
        yield problem("disk", said, "Run this as the service's user, or give it the folder.")
    elif found.st_mode & 0o077:
        said = f"Others on this machine may look into {home} ({_mode(found)})."
        yield warning("disk", said, f"chmod 700 {home}")
    else:
        yield ok("disk", f"{home} is for its owner alone.")
    yield from _check_key(home / "secret-key")
    yield from _check_room(home)


def _check_key(path: Path) -> Iterator[Finding]:
    if os.environ.get("WINNOW_SECRET_KEY") or not path.exists():
        return
    found = path.stat()
    if found.st_mode & 0o077:
        said = f"Others may read {path} ({_mode(found)}): with it they can forge signatures."
        yield problem("disk", said, f"chmod 600 {path}, and think of making another key.")
    else:
        yield ok("disk", "The secret key is for its owner alone.")


def _check_room(home: Path) -> Iterator[Finding]:
    free, kept = shutil.disk_usage(home).free, _weigh(home)
    left = os.statvfs(home)
    if free < NONE_FREE or (left.f_files and not left.f_favail):
        said = f"The disk of {home} is full ({size(free)} free): comments cannot be kept."
        yield problem("disk", said, "Make room now: old backups, logs.")
    elif free < max(LEAST_FREE, kept):
        said = f"{size(free)} are free where {home} is, and {size(kept)} are in it."
        yield warning("disk", said, "Make room: a backup needs as much again as the database.")
    else:
        yield ok("disk", f"{size(free)} are free where {home} is.")


def _weigh(home: Path) -> int:
    return sum(one.stat().st_size for one in home.glob("*.sqlite3*"))


def file_system(path: Path) -> str:
    """Of what kind the file system is that a path is on; empty where that cannot be told."""
    try:
        lines = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return ""
    wanted, best, kind = str(path.resolve()), "", ""
    for line in lines:
        _, place, name, *_ = line.split(" ")
        place = place.replace("\\040", " ")
        inside = wanted == place or wanted.startswith(place.rstrip("/") + "/")
        if inside and len(place) >= len(best):
            best, kind = place, name
    return kind


def _mode(found: os.stat_result) -> str:
    return f"{stat.S_IMODE(found.st_mode):o}"
