"""The image as files: layers, configuration, manifest, and the archive of them all.

Everything here is a function of its arguments: no clock, no user, no locale, no order of a folder.
Layers are not compressed, because what a compressor writes depends on its version.
Source of the formats: the OCI image specification 1.1 (image-layout, manifest, config).
"""

import hashlib
import io
import json
import tarfile

MEDIA = "application/vnd.oci.image."
REFERENCE = "org.opencontainers.image.ref.name"


def encode(document):
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def descriptor(kind, content, **more):
    return {"mediaType": MEDIA + kind, "digest": digest(content), "size": len(content), **more}


def member(path, entry, seconds):
    found = tarfile.TarInfo(path.lstrip("/"))
    found.mode, found.mtime = entry.mode, seconds
    found.uid = found.gid = entry.owner
    found.type = {"file": tarfile.REGTYPE, "link": tarfile.SYMTYPE,
                  "folder": tarfile.DIRTYPE}[entry.kind]
    found.linkname, found.size = entry.target, len(entry.content)
    return found


def layer(tree, seconds):
    """A tar of the tree, in the order of its paths."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in tree.paths():
            entry = tree.entries[path]
            archive.addfile(member(path, entry, seconds), io.BytesIO(entry.content))
    return written.getvalue()


def config(created, architecture, run, layers, history):
    return {"created": created, "architecture": architecture, "os": "linux", "config": run,
            "rootfs": {"type": "layers", "diff_ids": [digest(content) for content in layers]},
            "history": [{"created": created, "created_by": text} for text in history]}


def manifest(config_bytes, layers, annotations):
    return {"schemaVersion": 2, "mediaType": MEDIA + "manifest.v1+json",
            "config": descriptor("config.v1+json", config_bytes),
            "layers": [descriptor("layer.v1.tar", content) for content in layers],
            "annotations": annotations}


def archive(config_bytes, manifest_bytes, layers, name, seconds):
    """An OCI image layout in a tar, as `podman load`, `skopeo copy oci-archive:` take it."""
    index = encode({"schemaVersion": 2, "mediaType": MEDIA + "index.v1+json", "manifests": [
        descriptor("manifest.v1+json", manifest_bytes, annotations={REFERENCE: name})]})
    files = {"oci-layout": encode({"imageLayoutVersion": "1.0.0"}), "index.json": index}
    for content in (config_bytes, manifest_bytes, *layers):
        files["blobs/sha256/" + digest(content).removeprefix("sha256:")] = content
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as target:
        for folder in ("blobs", "blobs/sha256"):
            found = tarfile.TarInfo(folder)
            found.type, found.mode, found.mtime = tarfile.DIRTYPE, 0o755, seconds
            target.addfile(found)
        for path in sorted(files):
            found = tarfile.TarInfo(path)
            found.size, found.mode, found.mtime = len(files[path]), 0o644, seconds
            target.addfile(found, io.BytesIO(files[path]))
    return written.getvalue()
