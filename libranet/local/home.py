"""Where one platform keeps its files: everything below one directory, readable by its owner only."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_SOCKET_PATH = (
    90  # the kernel takes 107 bytes; the supervisor adds a dot and a process id while it binds
)


@dataclass(frozen=True)
class Home:
    """The directories of one platform (`LIBRANET_HOME`, else `var` beside the code)."""

    path: Path

    @classmethod
    def default(cls) -> "Home":
        """The home that the environment names, else `var` in the repository."""
        return cls.at(Path(os.environ.get("LIBRANET_HOME") or REPOSITORY / "var"))

    @classmethod
    def at(cls, path: Path) -> "Home":
        """The home at `path`, made absolute and free of links so that one home has one name."""
        return cls(Path(path).expanduser().resolve())

    @property
    def run(self) -> Path:
        """What is made anew at each start: configuration, start scripts, the lock."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        """One rotated log file for each process."""
        return self.path / "log"

    @property
    def data(self) -> Path:
        """The broker's and the database's files."""
        return self.path / "data"

    @property
    def secrets(self) -> Path:
        """Keys and passwords, each made once and never overwritten."""
        return self.path / "secrets"

    @property
    def memory(self) -> Path:
        """What the next start and other commands need to know: the ports."""
        return self.path / "platform.json"

    def log(self, process: str) -> Path:
        """The log file of `process`."""
        return self.logs / f"{process}.log"

    def make(self) -> None:
        """Create the directories, closed to other users."""
        for directory in (self.path, self.run, self.logs, self.data, self.secrets):
            directory.mkdir(parents=True, exist_ok=True)
        for directory in (self.run, self.logs, self.data, self.secrets):
            directory.chmod(0o700)

    def control_socket(self) -> Path:
        """The supervisor's socket: in the home, or in a private short directory where the path does not suit one."""
        inside = self.run / "supervisor.sock"
        if (
            len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH
            and str(inside).isascii()
            and "%" not in str(inside)
        ):
            return inside
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        short = Path(tempfile.gettempdir()) / f"libranet-{os.getuid()}-{digest}"
        short.mkdir(mode=0o700, exist_ok=True)
        if short.stat().st_uid != os.getuid() or short.stat().st_mode & 0o077:
            raise PermissionError(f"{short} belongs to somebody else; set TMPDIR to a directory of your own.")
        return short / "supervisor.sock"
