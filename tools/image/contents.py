"""Which files the image holds: our programs, what they load, certificates, licences, one model."""

import posixpath

import elf
from tree import Tree

PROGRAMS = ("bulkhead", "bulkhead-gateway", "bulkhead-node", "bulkhead-worker")
USER = 10001
STATE_FOLDER = "/var/lib/bulkhead"
ENGINE = "/usr/lib/libonnxruntime.so.1"
MODEL = "/usr/share/bulkhead/models/line-inspection"
MULTIARCH = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PASSWD = (f"root:x:0:0:root:/nonexistent:/nonexistent\n"
          f"bulkhead:x:{USER}:{USER}:Bulkhead:{STATE_FOLDER}:/nonexistent\n")
GROUP = f"root:x:0:\nbulkhead:x:{USER}:\n"


class ContentsError(Exception):
    """The image cannot be put together from what there is; the text says what is missing."""


def is_loader(name):
    return name.startswith("ld-linux")


class Libraries:
    """What the loader would load for programs, found in the packages of the lock."""

    def __init__(self, packages, architecture):
        self.packages = packages
        triplet = MULTIARCH[architecture]
        self.folders = [f"/usr/lib/{triplet}", f"/lib/{triplet}", "/usr/lib", "/lib"]
        self.home = f"/usr/lib/{triplet}"
        self.found = {}  # path in the image: file of a package

    def add_needs_of(self, name, content):
        file = elf.Elf(content)
        if file.interpreter:
            # /lib and /lib64 are links in the image.
            self.take("/usr" + file.interpreter, self.real(file.interpreter, name))
        for needed in file.needed:
            if not is_loader(needed):  # it came with the program, as its interpreter
                self.take(f"{self.home}/{needed}", self.search(needed, name))

    def take(self, place, source):
        if place not in self.found:
            self.found[place] = source
            self.add_needs_of(source, self.packages.files[source])

    def real(self, path, wanted_by):
        source = self.packages.resolve(path)
        if source is None:
            raise ContentsError(f"{wanted_by} needs {path}, which no package of the lock has; is "
                                "it built on another release than the lock is for?")
        return source

    def search(self, name, wanted_by):
        for folder in self.folders:
            source = self.packages.resolve(f"{folder}/{name}")
            if source is not None:
                return source
        return self.real(name, wanted_by)


def system_tree(lock, packages, libraries):
    """What comes from Debian, and the little that makes it a system."""
    tree = Tree()
    for path, entry in {"/etc/passwd": PASSWD, "/etc/group": GROUP,
                        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n"
                        }.items():
        tree.add_file(path, entry.encode())
    for folder in ("/dev", "/proc", "/sys", "/run"):
        tree.add_folder(folder)
    tree.add_folder("/tmp", mode=0o1777)
    tree.add_folder(STATE_FOLDER, mode=0o700, owner=USER)
    tree.add_link("/lib", "usr/lib")
    tree.add_folder("/usr/lib64")
    tree.add_link("/lib64", "usr/lib64")
    used = set()
    for place, source in sorted(libraries.found.items()):
        mode = 0o755 if is_loader(posixpath.basename(place)) else 0o644
        tree.add_file(place, packages.files[source], mode=mode)
        used.add(packages.owner[source])
    add_certificates(tree, packages)
    add_release(tree, packages)
    # gcc-N-base has the licence of the compiler's libraries and nothing else.
    unused = [package.name for package in lock.with_role("library")
              if package.name not in used and not package.name.startswith("gcc-")]
    if unused:
        raise ContentsError(f"nothing of {', '.join(unused)} is loaded; say `without` in "
                            "deploy/image/packages.txt and run `make image-lock`")
    for package in lock.with_role("library", "files"):
        add_package(tree, package, packages)
    return tree


def add_certificates(tree, packages):
    """All of Mozilla's, as update-ca-certificates(8) writes them."""
    folder = "/usr/share/ca-certificates/mozilla/"
    names = sorted(path for path in packages.files if path.startswith(folder))
    if not names:
        raise ContentsError("ca-certificates has no certificates")
    tree.add_file(CERTIFICATES, b"".join(packages.files[name] for name in names))
    tree.add_link("/usr/lib/ssl/cert.pem", CERTIFICATES)


def add_release(tree, packages):
    tree.add_file("/usr/lib/os-release", packages.files["/usr/lib/os-release"])
    tree.add_link("/etc/os-release", "../usr/lib/os-release")
    tree.add_file("/etc/debian_version", packages.files["/etc/debian_version"])
    folder = "/usr/share/common-licenses/"
    for path in (path for path in packages.files if path.startswith(folder)):
        tree.add_file(path, packages.files[path])
    for path in (path for path in packages.links if path.startswith(folder)):
        tree.add_link(path, packages.links[path])


def add_package(tree, package, packages):
    """Its licence, and what scanners read of it (as in other images without dpkg)."""
    document = f"/usr/share/doc/{package.name}/copyright"
    source = packages.resolve(document)
    if source is None:
        raise ContentsError(f"{package.name} has no {document}")
    tree.add_file(document, packages.files[source])
    status = (f"Package: {package.name}\nStatus: install ok installed\n"
              f"Architecture: {package.architecture}\nVersion: {package.version}\n"
              f"Source: {package.source} ({package.source_version})\n")
    tree.add_file(f"/var/lib/dpkg/status.d/{package.name}", status.encode())


def engine_tree(engine, model_folder):
    tree = Tree()
    tree.add_file(ENGINE, engine.library)
    for name, content in engine.licenses.items():
        tree.add_file(f"/usr/share/doc/onnxruntime/{name}", content)
    for name in ("line-inspection.onnx", "MODEL_CARD.md"):
        tree.add_file(f"{MODEL}/{name}", (model_folder / name).read_bytes())
    sample = model_folder / "samples" / "part-01.jpg"
    tree.add_file(f"{MODEL}/{sample.name}", sample.read_bytes())
    return tree


def program_tree(programs, license_text, header_licenses):
    """`programs`: name to content, stripped."""
    tree = Tree()
    for name, content in programs.items():
        tree.add_file(f"/usr/bin/{name}", content, mode=0o755)
    tree.add_file("/usr/share/doc/bulkhead/copyright", license_text)
    for name, content in header_licenses.items():
        tree.add_file(f"/usr/share/doc/{name}/copyright", content)
    return tree
