"""What must not be in the image: shells, package managers, interpreters, anything set-uid."""

import posixpath

import contents
import elf

# By name, wherever they lie; and nothing else may be executable in the first place.
REFUSED = {
    "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "rbash", "sh", "tcsh", "zsh",
    "apk", "apt", "apt-get", "aptitude", "dnf", "dpkg", "dpkg-deb", "pip", "pip3", "rpm", "yum",
    "awk", "gawk", "lua", "m4", "mawk", "node", "perl", "php", "python", "python3", "ruby", "sed",
    "tclsh", "curl", "nc", "netcat", "socat", "ssh", "tar", "wget", "gdb", "strace", "su", "sudo",
    "mount", "umount", "nsenter", "unshare", "chroot", "env", "xargs", "find", "vi", "git",
}


class Unwanted(Exception):
    """The image would hold what it must not; the text says what."""


def complaints(trees):
    programs = {f"/usr/bin/{name}" for name in contents.PROGRAMS}
    for tree in trees:
        for path, entry in tree.entries.items():
            if entry.kind == "folder":
                continue
            if posixpath.basename(path) in REFUSED:
                yield f"{path}: a shell, interpreter, package manager or tool"
            if entry.content[:2] == b"#!":
                yield f"{path}: a script"
            if entry.mode & 0o7000:
                yield f"{path}: set-uid, set-gid or sticky"
            if entry.kind != "file":
                continue
            executable = entry.mode & 0o111 != 0
            loader = contents.is_loader(posixpath.basename(path))
            if executable and path not in programs and not loader:
                yield f"{path}: executable, and none of ours"
            if elf.is_elf(entry.content) and not executable and ".so" not in path:
                yield f"{path}: a program in disguise"
            if entry.mode & 0o022:
                yield f"{path}: others may write it"


def check(trees):
    found = sorted(complaints(trees))
    if found:
        raise Unwanted("the image must not hold:\n  " + "\n  ".join(found))
