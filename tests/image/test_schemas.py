#!/usr/bin/env python3
"""The bills of materials that were built, against the public schemas of their formats.

    python3 tests/image/test_schemas.py FOLDER

Needs the packages of tests/image/requirements.txt, which bring the schemas along.
"""

import pathlib
import sys
import unittest

from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation import make_schemabased_validator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


class Schemas(unittest.TestCase):
    folder = None

    def test_cyclonedx(self):
        validator = make_schemabased_validator(OutputFormat.JSON, SchemaVersion.V1_5)
        text = (self.folder / "sbom.cdx.json").read_text()
        self.assertIsNone(validator.validate_str(text))
        self.assertIsNotNone(validator.validate_str(text.replace('"library"', '"books"')))

    def test_spdx(self):
        document = parse_file(str(self.folder / "sbom.spdx.json"))
        self.assertEqual(validate_full_spdx_document(document), [])
        document.packages[0].spdx_id = "no id"
        self.assertNotEqual(validate_full_spdx_document(document), [])


if __name__ == "__main__":
    Schemas.folder = pathlib.Path(sys.argv.pop(1))
    unittest.main()
