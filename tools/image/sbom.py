"""What the image is made of, as CycloneDX 1.5 and SPDX 2.3: the same bytes from the same inputs.

Debian's packages come from the lock; what Debian does not know stands beside them: ONNX Runtime,
our programs, the model, and what is compiled into our programs.
"""

import dataclasses
import json
import re
import urllib.parse
import uuid

import archives

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://spdx.org/documents/bulkhead")


@dataclasses.dataclass(frozen=True)
class Bill:
    name: str
    version: str
    revision: str
    created: str  # RFC 3339 in UTC
    digest: str   # of the image's manifest
    suite: str


@dataclasses.dataclass(frozen=True)
class Component:
    kind: str      # a type of CycloneDX
    name: str
    version: str
    purl: str
    sha256: str    # of the file that `artifact` names
    artifact: str
    licence: str   # SPDX, or empty: its licence lies in the image
    note: str = ""


def purl(kind, name, version, **qualifiers):
    quoted = urllib.parse.quote(version, safe="~.-_")
    query = "&".join(f"{key}={value}" for key, value in sorted(qualifiers.items()))
    return f"pkg:{kind}/{name}@{quoted}" + ("?" + query if query else "")


def debian_component(package, suite):
    note = {"header": "compiled into the programs"}.get(package.role, "")
    return Component("library", package.name, package.version,
                     purl("deb", f"debian/{package.name}", package.version,
                          arch=package.architecture, distro=suite),
                     package.sha256, package.file_name, "",
                     "; ".join(filter(None, [
                         f"source {package.source} {package.source_version}", note])))


def components(lock, engine, programs, engine_tree, version):
    """In a fixed order. `programs`: name to stripped content."""
    found = [debian_component(package, lock.suite) for package in lock.packages]
    found.append(Component("library", "onnxruntime", engine.version,
                           purl("pypi", "onnxruntime", engine.version), engine.wheel_sha256,
                           "the wheel", "MIT", "libonnxruntime.so.1 and nothing else of it"))
    for name, content in sorted(programs.items()):
        found.append(Component("application", name, version, purl("generic", name, version),
                               archives.sha256_of(content), f"/usr/bin/{name}", "Apache-2.0"))
    for path, entry in sorted(engine_tree.entries.items()):
        if path.endswith(".onnx"):
            name = path.rsplit("/", 1)[1].removesuffix(".onnx")
            found.append(Component("machine-learning-model", name, version,
                                   purl("generic", name, version),
                                   archives.sha256_of(entry.content), path, "Apache-2.0",
                                   "trained for this project; its card lies beside it"))
    return found


def encode(document):
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()


def cyclonedx(bill, found):
    image = {"type": "container", "bom-ref": "image", "name": bill.name, "version": bill.version,
             "hashes": [{"alg": "SHA-256", "content": bill.digest.removeprefix("sha256:")}],
             "licenses": [{"license": {"id": "Apache-2.0"}}]}
    return encode({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, bill.digest)}",
        "metadata": {"timestamp": bill.created, "component": image,
                     "properties": [{"name": "bulkhead:revision", "value": bill.revision}]},
        "components": [cyclonedx_component(component) for component in found],
        "dependencies": [{"ref": "image", "dependsOn": sorted(c.purl for c in found)}]})


def cyclonedx_component(component):
    entry = {"type": component.kind, "bom-ref": component.purl, "name": component.name,
             "version": component.version, "purl": component.purl,
             "hashes": [{"alg": "SHA-256", "content": component.sha256}],
             "properties": [{"name": "bulkhead:hashed", "value": component.artifact}]}
    if component.licence:
        entry["licenses"] = [{"license": {"id": component.licence}}]
    if component.note:
        entry["description"] = component.note
    return entry


def spdx_id(text):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", text)


def spdx_package(component):
    licence = component.licence or "NOASSERTION"
    entry = {"SPDXID": spdx_id(component.purl), "name": component.name,
             "versionInfo": component.version, "downloadLocation": "NOASSERTION",
             "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence,
             "copyrightText": "NOASSERTION", "packageFileName": component.artifact,
             "checksums": [{"algorithm": "SHA256", "checksumValue": component.sha256}],
             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                               "referenceLocator": component.purl}]}
    if component.note:
        entry["comment"] = component.note
    return entry


def spdx(bill, found):
    image = {"SPDXID": "SPDXRef-image", "name": bill.name, "versionInfo": bill.version,
             "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
             "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0",
             "copyrightText": "NOASSERTION", "primaryPackagePurpose": "CONTAINER",
             "checksums": [{"algorithm": "SHA256",
                            "checksumValue": bill.digest.removeprefix("sha256:")}]}
    packages = [spdx_package(component) for component in found]
    links = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
              "relatedSpdxElement": "SPDXRef-image"}]
    links += [{"spdxElementId": "SPDXRef-image", "relationshipType": "CONTAINS",
               "relatedSpdxElement": package["SPDXID"]} for package in packages]
    return encode({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{bill.name}-{bill.version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/{bill.name}-"
                             f"{uuid.uuid5(NAMESPACE, bill.digest)}",
        "creationInfo": {"created": bill.created,
                         "creators": [f"Tool: bulkhead-image-{bill.version}"]},
        "comment": f"revision {bill.revision}", "packages": [image, *packages],
        "relationships": links})
