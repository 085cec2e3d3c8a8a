"""The files of a tree, and what a finding is."""

import dataclasses
import fnmatch
import functools
import pathlib
import subprocess

from tidy_checks import cpp_source

BINARY_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".onnx", ".gz", ".zip", ".bin", ".so"}
SKIPPED_FOLDERS = {".git", ".deps", "build", "__pycache__"}


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    rule: str
    advice: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.advice}"


def matches(path, patterns):
    """Whether a path fits one of the patterns; `*` also stands for slashes."""
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


class SourceFile:
    def __init__(self, root, path):
        self.path = path
        self.bytes = (root / path).read_bytes()

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    @property
    def stem(self):
        return self.name.split(".")[0]

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def is_cpp(self):
        return self.suffix in (".h", ".cpp")

    @property
    def is_cmake(self):
        return self.name == "CMakeLists.txt" or self.suffix == ".cmake"

    @property
    def is_text(self):
        return self.suffix not in BINARY_SUFFIXES and b"\0" not in self.bytes

    @functools.cached_property
    def text(self):
        return self.bytes.decode("utf-8", "replace")

    @functools.cached_property
    def lines(self):
        return self.text.splitlines()

    @functools.cached_property
    def code(self):
        """C++ text with comments and literals blanked, line by line in place."""
        return cpp_source.without_comments_and_literals(self.text)

    def finding(self, line, rule, advice):
        return Finding(self.path, line, rule, advice)


def list_paths(root):
    """Tracked files and new ones that git does not ignore; without git, every file."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
                   "--exclude-standard"]
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode()
        paths = [path for path in listed.split("\0") if path]
    else:
        paths = [found.relative_to(root).as_posix() for found in root.rglob("*")
                 if not SKIPPED_FOLDERS & set(found.relative_to(root).parts)]
    return sorted(path for path in set(paths) if (root / path).is_file())


class Tree:
    def __init__(self, root, rules):
        self.root = root
        self.files = [SourceFile(root, path) for path in list_paths(root)]
        self.by_path = {file.path: file for file in self.files}
        self._test_patterns = rules.TEST_FILES

    def is_test(self, file):
        return matches(file.path, self._test_patterns)

    def cpp_files(self, *folders):
        return [file for file in self.files
                if file.is_cpp and (not folders or file.path.split("/")[0] in folders)]

    def source_folders(self):
        """Names of the folders of src/ that have sources."""
        return sorted({file.path.split("/")[1] for file in self.cpp_files("src")
                       if file.path.count("/") >= 2})
