"""A file system in memory: the files that a layer of the image is made of."""

import dataclasses
import io
import posixpath
import subprocess
import tarfile

LINKS_MAX = 40


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file, a link or a folder; owner and times are the layer's business."""
    kind: str  # "file", "link", "folder"
    content: bytes = b""
    target: str = ""
    mode: int = 0o644
    owner: int = 0


class Tree:
    """Absolute paths without links in their folders, as in /usr/lib/x."""

    def __init__(self):
        self.entries = {}

    def add(self, path, entry):
        if posixpath.normpath(path) != path or not path.startswith("/"):
            raise ValueError(f"{path!r} is no path of an image")
        parent = posixpath.dirname(path)
        if parent not in self.entries and parent != "/":
            self.add(parent, Entry("folder", mode=0o755))
        if path in self.entries and self.entries[path] != entry:
            raise ValueError(f"{path} is there twice")
        self.entries[path] = entry

    def add_file(self, path, content, mode=0o644):
        self.add(path, Entry("file", content=content, mode=mode))

    def add_link(self, path, target):
        self.add(path, Entry("link", target=target, mode=0o777))

    def add_folder(self, path, mode=0o755, owner=0):
        self.add(path, Entry("folder", mode=mode, owner=owner))

    def paths(self):
        return sorted(self.entries)

    def size(self):
        return sum(len(entry.content) for entry in self.entries.values())


class Package:
    """The files of one .deb, read without unpacking it to disk."""

    def __init__(self, path):
        done = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(path)], capture_output=True,
                              check=True)
        self.files, self.links = {}, {}
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            for member in archive:
                name = posixpath.normpath("/" + member.name)
                if member.isfile():
                    self.files[name] = archive.extractfile(member).read()
                elif member.issym():
                    self.links[name] = member.linkname
                elif member.islnk():
                    self.files[name] = self.files[posixpath.normpath("/" + member.linkname)]


class Packages:
    """The files of all packages of the lock, with who they belong to."""

    def __init__(self, by_name):
        self.files, self.links, self.owner = {}, {}, {}
        for name, package in by_name.items():
            self.files.update(package.files)
            self.links.update(package.links)
            self.owner.update({path: name for path in package.files})

    def resolve(self, path):
        """Where the file behind the path really is, over links of every package; None: nowhere."""
        for _ in range(LINKS_MAX):
            real = self.step(path)
            if real is None:
                return path if path in self.files else None
            path = real
        return None

    def step(self, path):
        """The path with its first link replaced; None: it has none."""
        parts = path.split("/")[1:]
        for count in range(1, len(parts) + 1):
            head = "/" + "/".join(parts[:count])
            if head in self.links:
                target = posixpath.join(posixpath.dirname(head), self.links[head])
                return posixpath.normpath(posixpath.join(target, *parts[count:]))
        return None
