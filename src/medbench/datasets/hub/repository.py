"""The files of a source at one commit: in a repository of the Hugging Face Hub, or in a folder."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import InputError, UsageError
from medbench.network import check_network
from medbench.offline import is_offline, refused
from medbench.paths import inside
from medbench.unreadable import files_below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

EXTRA: Final = "pip install 'medbench[hf]'"
_HIDDEN: Final = ".git", ".cache"
_CARD: Final = "README.md"
_HEADER: Final = re.compile(r"^\s*---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\\]")


class Repository(ABC):
    """The files of a source.

    Args:
        name: Its name in messages.
        files: Paths of all files, with forward slashes.

    Raises:
        InputError: A path leads out of the repository.
    """

    def __init__(self, name: str, files: Sequence[str]) -> None:
        for file in files:
            if not _is_plain(file):
                raise InputError(
                    f"'{name}' lists a file '{_CONTROL.sub('?', file)[:80]}', which leads out of it.",
                    "do not use this source; tell its owner",
                )
        self.name, self.files = name, frozenset(files)

    commit: str | None = None
    """Commit that the files are from; None for a folder."""
    gated: bool = False
    """True if the service lets in only who has agreed to terms."""
    service_card: Mapping[str, Any] | None = None
    """Header of the card, as the service has read it; None for a folder."""

    def matching(self, pattern: str) -> list[str]:
        """Return the paths that a pattern matches, in order; `*` is any part of one name."""
        parts = pattern.split("/")
        return sorted(file for file in self.files if _matches(file.split("/"), parts))

    @abstractmethod
    def path(self, file: str) -> Path:
        """Return where a file lies on this machine; it is downloaded if need be.

        Raises:
            InputError: There is no such file, or it cannot be had.
        """

    def card(self) -> Mapping[str, Any]:
        """Return the header of the card; empty where there is none.

        Raises:
            InputError: It is not YAML.
        """
        if _CARD not in self.files:
            return {}
        header = _HEADER.match(self.path(_CARD).read_text("utf-8", "replace"))
        return _yaml(header[1], self.name) if header else {}

    def no_file(self, file: str) -> InputError:
        """Return the error for a file that is not there."""
        at = f" at commit {self.commit[:8]}" if self.commit else ""
        return InputError(
            f"'{self.name}'{at} has no file '{_CONTROL.sub('?', file)[:120]}'.",
            "files may have been moved: look at its page, and say --table or --revision",
        )


class Folder(Repository):
    """A copy of a source in a folder."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError(f"'{folder}' is not a folder.", "--folder with the copy of the source")
        relative = (path.relative_to(folder) for path in sorted(files_below(folder)))
        files = [path.as_posix() for path in relative if path.parts[0] not in _HIDDEN]
        super().__init__(str(folder), files)
        self._folder = folder

    def path(self, file: str) -> Path:
        """Return where a file lies."""
        if file not in self.files:
            raise self.no_file(file)
        return inside(self._folder, file)


class HubRepository(Repository):
    """A data set of the Hugging Face Hub, read by huggingface_hub's own client, token and cache.

    Args:
        name: `OWNER/NAME`.
        revision: A commit, branch or tag; None for the newest. Whichever it is, all files are of one commit.

    Raises:
        UsageError: huggingface_hub is not installed, medbench is offline, or the environment names a proxy or
            certificates that cannot be used.
        InputError: There is no such data set, or no access to it.
    """

    def __init__(self, name: str, revision: str | None = None) -> None:
        if is_offline():
            raise refused(f"reading '{name}' from the Hugging Face Hub")
        check_network()
        hub = _hub()
        self._hub, self._client, self.name = hub, hub.HfApi(), name
        with self._errors(revision or "main"):
            info = self._client.dataset_info(name, revision=revision, timeout=60)
        super().__init__(name, [sibling.rfilename for sibling in info.siblings or ()])
        if not info.sha:
            raise InputError(f"the service names no commit of '{name}'.", "try again later")
        self.commit, self.gated = info.sha, bool(info.gated or info.private)
        self.service_card = info.card_data.to_dict() if info.card_data is not None else {}
        if info.gated and not hub.get_token():
            raise self._no_token()

    def path(self, file: str) -> Path:
        """Return where a file lies; it is downloaded where this machine has no copy of it."""
        if file not in self.files:
            raise self.no_file(file)
        with self._errors(file):
            path = self._client.hf_hub_download(self.name, file, repo_type="dataset", revision=self.commit)
        return Path(path)

    def _no_token(self) -> InputError:
        return InputError(
            f"'{self.name}' is gated, and there is no token of yours.",
            f"agree to its terms on {self.address}, then: hf auth login   (or export HF_TOKEN=…)",
        )

    @property
    def address(self) -> str:
        """Return the address of its page."""
        return f"{self._client.endpoint}/datasets/{self.name}"

    @contextmanager
    def _errors(self, wanted: str) -> Iterator[None]:
        """Turn what the client raises into sentences; the service's own words are not repeated."""
        errors = self._hub.errors
        token = "with your token" if self._hub.get_token() else "without a token"
        try:
            yield
        except errors.GatedRepoError:
            if not self._hub.get_token():
                raise self._no_token() from None
            raise InputError(
                f"'{self.name}' is gated, and your token has no access to it.",
                f"ask for access on {self.address}; an answer may take days",
            ) from None
        except errors.RevisionNotFoundError:
            raise InputError(
                f"'{self.name}' has no revision '{wanted}'.", "--revision with a commit, branch or tag"
            ) from None
        except errors.EntryNotFoundError as error:
            if isinstance(error, errors.LocalEntryNotFoundError):  # there was no answer from the service
                raise self._unreached() from None
            raise self.no_file(wanted) from None
        except errors.RepositoryNotFoundError:
            raise InputError(
                f"there is no data set '{self.name}', or it cannot be seen {token}.",
                "check its name; for one that is private: hf auth login   (or export HF_TOKEN=…)",
            ) from None
        except errors.HfHubHTTPError as error:
            status = error.response.status_code if error.response is not None else "none"
            raise InputError(
                f"the service answered with status {status} for '{self.name}'.", "try again later"
            ) from None
        except errors.HFValidationError:
            raise UsageError(
                f"'{self.name}' is not the name of a repository.", "OWNER/NAME, as on its page"
            ) from None
        except Exception as error:  # noqa: BLE001 - of whichever HTTP library the client has
            raise self._unreached(error) from None

    def _unreached(self, error: Exception | None = None) -> InputError:
        why = f" ({type(error).__name__})" if error else ""
        return InputError(
            f"'{self.name}' could not be downloaded{why}.",
            "check the network and the disk, then the same line again: whole files are not asked for again",
        )


def _is_plain(file: str) -> bool:
    parts = PurePosixPath(file).parts
    return bool(parts) and not (file.startswith("/") or ".." in parts or _CONTROL.search(file))


def _matches(names: Sequence[str], patterns: Sequence[str]) -> bool:
    if len(names) != len(patterns):
        return False
    return all(fnmatchcase(name, pattern) for name, pattern in zip(names, patterns, strict=True))


def _yaml(header: str, name: str) -> Mapping[str, Any]:
    try:
        import yaml  # it comes with huggingface_hub
    except ImportError:
        raise UsageError("cards of data sets are read by PyYAML, which is not installed.", EXTRA) from None
    try:
        data = yaml.safe_load(header)
    except (yaml.YAMLError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise InputError(
            f"the card of '{name}' has a header that is not YAML, so its licence cannot be read.",
            "tell the owner of the source; or --revision with a commit at which it was whole",
        )
    return data


def _hub() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
    except ImportError:
        raise UsageError(
            "data sets of the Hugging Face Hub are read by huggingface_hub, which is not installed.", EXTRA
        ) from None
    return huggingface_hub
