#!/usr/bin/env python3
"""The gate with planted vulnerabilities, exceptions and bad data: each has its exit status."""

import datetime
import http.server
import json
import pathlib
import tempfile
import threading
import unittest
import unittest.mock

import advisories
import audit
import cvss
import lock as locks

TODAY = "2026-11-23"
CVE = "CVE-2026-10001"
HASH = "0123456789abcdef" * 4
LOCK = ("# bulkhead image lock 1 suite=bookworm architecture=amd64 resolved=20261123T000000Z\n"
        f"libplanted1 2.0-1+b1 amd64 planted 2.0-1 library {HASH} debian/pool/p/planted.deb\n")
CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"


def release(status, fixed="", urgency="not yet assigned"):
    entry = {"status": status, "urgency": urgency, "repositories": {"bookworm": "2.0-1"}}
    return {"releases": {"bookworm": {**entry, **({"fixed_version": fixed} if fixed else {})}}}


def tracker(**planted):
    old = {"CVE-2001-0001": release("resolved", "0")}
    return {"glibc": old, "openssl": old,
            "planted": {name.replace("_", "-"): entry for name, entry in planted.items()}}


def exception(expires="2026-12-31", **changes):
    statement = {"vulnerability": {"name": CVE}, "status": "not_affected",
                 "products": [{"@id": "pkg:deb/debian/planted"}],
                 "justification": "vulnerable_code_not_in_execute_path",
                 "impact_statement": "The parser that has it is never called by our programs.",
                 "status_notes": f"expires {expires}; look again then", **changes}
    return {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "x", "version": 1,
            "timestamp": "2026-11-01T00:00:00Z", "statements": [statement]}


def osv(identifier=CVE, severity=CRITICAL, name="planted", ecosystem="Debian:12", **span):
    return {"id": "DEBIAN-" + identifier, "aliases": [identifier],
            "severity": [{"type": "CVSS_V3", "score": severity}],
            "affected": [{"package": {"ecosystem": ecosystem, "name": name},
                          "ranges": [{"type": "ECOSYSTEM", "events": [
                              {"introduced": "0"}, {key: value for key, value in span.items()}]}]}]}


class AnsweringServer:
    """Answers every POST with `answer`, and keeps what was asked."""

    def __enter__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                outer.question = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", str(len(outer.answer)))
                self.end_headers()
                self.wfile.write(outer.answer)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/v1/query"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Gate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("image.lock", LOCK)
        patched = unittest.mock.patch.object(audit, "KEPT", self.folder / "kept")
        patched.start()
        self.addCleanup(patched.stop)
        self.write("vex.json", {**exception(), "statements": []})

    def write(self, name, content):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def run_gate(self, *more, debian=None, name=f"debian-{TODAY}.json"):
        said = []
        given = ["--today", TODAY, "--lock", str(self.folder / "image.lock"),
                 "--vex", str(self.folder / "vex.json")]
        if debian is not None:
            self.write(name, debian)
        status = audit.main([*given, "--debian", str(self.folder / name), *more], said.append)
        self.said = "\n".join(said)
        return status

    def planted(self, *more, status="resolved", fixed="2.0-2", **release_words):
        return self.run_gate(*more, debian=tracker(
            CVE_2026_10001=release(status, fixed, **release_words)))


class Findings(Gate):
    def test_a_package_with_no_known_vulnerability_is_clean(self):
        self.assertEqual(self.run_gate(debian=tracker()), 0, self.said)

    def test_a_planted_vulnerable_package_blocks_and_is_named(self):
        self.assertEqual(self.planted(), 1)
        for word in (CVE, "planted 2.0-1", "fixed in 2.0-2", "make image-lock"):
            self.assertIn(word, self.said)

    def test_a_package_that_has_the_fix_does_not_block(self):
        self.assertEqual(self.planted(fixed="2.0-1"), 0, self.said)
        self.assertEqual(self.planted(fixed="2.0-1~deb12u1"), 0, self.said)

    def test_what_was_never_there_does_not_block(self):
        self.assertEqual(self.planted(fixed="0"), 0, self.said)

    def test_what_has_no_fix_is_counted_and_does_not_block(self):
        self.assertEqual(self.planted(status="open", fixed="", urgency="high"), 0, self.said)
        self.assertIn("1 without a fix", self.said)

    def test_low_and_medium_do_not_block_and_what_nobody_rated_does(self):
        for urgency, status in (("low", 0), ("medium**", 0), ("unimportant", 0), ("high", 1),
                                ("not yet assigned", 1)):
            self.assertEqual(self.planted(urgency=urgency), status, urgency)


class Exceptions(Gate):
    def with_exception(self, *words, **changes):
        self.write("vex.json", exception(*words, **changes))
        return self.planted()

    def test_one_with_reason_and_end_lets_it_pass(self):
        self.assertEqual(self.with_exception(), 0, self.said)
        self.assertIn("exempt: " + CVE, self.said)

    def test_an_expired_one_does_not(self):
        self.assertEqual(self.with_exception("2026-11-22"), 1)
        self.assertIn("its exception has expired", self.said)

    def test_on_its_last_day_it_does(self):
        self.assertEqual(self.with_exception(TODAY), 0, self.said)

    def test_one_for_something_else_does_not(self):
        other = [{"@id": "pkg:deb/debian/another"}]
        self.assertEqual(self.with_exception(products=other), 1)
        self.assertIn("no longer needed", self.said)
        other = [{"@id": "pkg:deb/debian/planted@1.9-1"}]
        self.assertEqual(self.with_exception(products=other), 1)
        self.assertEqual(self.with_exception(vulnerability={"name": "CVE-2026-10002"}), 1)

    def test_one_that_is_being_looked_into_exempts_nothing(self):
        self.assertEqual(self.with_exception(status="under_investigation"), 1)

    def test_one_without_reason_or_end_or_with_a_far_end_decides_nothing(self):
        for changes in ({"justification": "we are busy"}, {"impact_statement": ""},
                        {"status_notes": "soon"}, {"products": []}, {"status": "fine"},
                        {"status_notes": "expires 2028-01-01"}, {"products": [{"@id": "planted"}]},
                        {"status_notes": "expires 2026-13-01"}):
            self.assertEqual(self.with_exception(**changes), 2, changes)

    def test_a_file_that_is_no_openvex_decides_nothing(self):
        for content in ("", "[]", "{}", '{"@context": "x"}', {**exception(), "statements": 7}):
            self.write("vex.json", content)
            self.assertEqual(self.planted(), 2, content)
        (self.folder / "vex.json").unlink()
        self.assertEqual(self.planted(), 2)


class Undecided(Gate):
    def test_stale_data_is_no_ground(self):
        self.assertEqual(self.run_gate(debian=tracker(), name="debian-2026-11-18.json"), 0)
        self.assertEqual(self.run_gate(debian=tracker(), name="debian-2026-11-17.json"), 2)
        self.assertIn("6 days old", self.said)
        self.assertEqual(self.run_gate("--age-max", "6", name="debian-2026-11-17.json"), 0)

    def test_data_of_a_day_to_come_is_no_ground(self):
        self.assertEqual(self.run_gate(debian=tracker(), name="debian-2026-11-24.json"), 0)
        self.assertEqual(self.run_gate(debian=tracker(), name="debian-2026-11-25.json"), 2)

    def test_data_without_a_day_is_no_ground(self):
        for name in ("debian.json", "debian-2026-11-99.json", "2026-11-23-to-2026-11-24.json"):
            self.assertEqual(self.run_gate(debian=tracker(), name=name), 2, name)

    def test_empty_and_unreadable_data_is_no_ground(self):
        for content in ("", "{}", "[]", "null", "{", '{"glibc": 7}', "\0", '{"glibc": {}}'):
            self.assertEqual(self.run_gate(debian=content), 2, content)
        (self.folder / f"debian-{TODAY}.json").unlink()
        self.assertEqual(self.run_gate(), 2)

    def test_data_that_lacks_the_release_or_what_is_always_there_is_no_ground(self):
        other = json.loads(json.dumps(tracker()).replace("bookworm", "trixie"))
        self.assertEqual(self.run_gate(debian=other), 2)
        self.assertEqual(self.run_gate(debian={**tracker(), "openssl": {}}), 2)

    def test_an_entry_that_cannot_be_read_is_no_ground(self):
        for entry in ({}, {"releases": 7}, {"releases": {"bookworm": {}}}, release("wrong"),
                      release("resolved")):
            self.assertEqual(self.run_gate(debian=tracker(CVE_2026_10001=entry)), 2, entry)

    def test_a_lock_that_cannot_be_read_is_no_ground(self):
        self.write("image.lock", "")
        self.assertEqual(self.planted(), 2)

    def test_an_address_that_nobody_answers_is_no_ground(self):
        self.assertEqual(audit.main(["--debian", "http://127.0.0.1:9/json", "--vex",
                                     str(self.folder / "vex.json")], lambda text: None), 2)


class Osv(Gate):
    def planted_with(self, *records, **words):
        return self.planted("--osv", self.write(f"osv-{TODAY}.json", list(records)), **words)

    def test_its_rating_counts_before_debians_word(self):
        self.assertEqual(self.planted_with(osv(), urgency="low"), 1)
        self.assertIn("(critical)", self.said)
        self.assertEqual(self.planted_with(osv(severity=LOW)), 0, self.said)

    def test_the_highest_of_several_ratings_counts(self):
        self.assertEqual(self.planted_with(osv(), osv(severity=LOW)), 1)

    def test_it_knows_of_onnx_runtime(self):
        record = osv("CVE-2026-2", name="onnxruntime", ecosystem="PyPI", fixed="99.0.0")
        self.assertEqual(self.planted_with(record, status="open", fixed=""), 1)
        self.assertIn("onnxruntime", self.said)
        record = osv("CVE-2026-2", name="onnxruntime", ecosystem="PyPI", fixed="1.2.0")
        self.assertEqual(self.planted_with(record, status="open", fixed=""), 0, self.said)

    def test_a_range_that_cannot_be_read_counts_as_affected(self):
        record = osv("CVE-2026-2", name="onnxruntime", ecosystem="PyPI", fixed="next.rc")
        self.assertEqual(self.planted_with(record, status="open", fixed=""), 1)

    def test_without_it_that_is_said_and_refused_where_it_is_required(self):
        self.assertEqual(self.planted(status="open", fixed=""), 0)
        self.assertIn("ONNX Runtime was not looked at", self.said)
        self.assertEqual(self.planted("--require-osv", status="open", fixed=""), 2)

    def test_its_own_word_for_nothing_is_an_answer_and_half_an_answer_is_not(self):
        with AnsweringServer() as server:
            for answer, status in (("{}", 0), ('{"vulns": []}', 2), ("[]", 2), ("", 2),
                                   ('{"vulns": [{"id": "X"}], "next_page_token": "a"}', 2),
                                   ('{"vulns": [{"id": "X"}]}', 0)):
                server.answer = answer.encode()
                self.assertEqual(self.planted("--osv", server.address, status="open", fixed=""),
                                 status, answer)
            self.assertEqual(json.loads(server.question)["package"]["name"], "onnxruntime")

    def test_stale_or_empty_it_is_no_ground(self):
        for name, content in (("osv-2026-11-01.json", [osv()]), (f"osv-{TODAY}.json", []),
                              (f"osv-{TODAY}.json", "[7]"), ("osv.json", [osv()])):
            self.assertEqual(self.planted("--osv", self.write(name, content)), 2, name)


class Scores(unittest.TestCase):
    def test_vectors_have_the_scores_of_the_specifications_examples(self):
        for vector, score in (
                (CRITICAL, 9.8), ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
                ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),
                ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
                ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9)):
            self.assertEqual(cvss.base_score(vector), score, vector)

    def test_what_nobody_rated_is_unknown_and_not_low(self):
        for record in ({}, {"severity": [{"score": "CVSS:4.0/AV:N"}]}, {"severity": [{}]},
                       {"database_specific": {"severity": 7}}):
            self.assertEqual(cvss.severity_of(record), "unknown", record)
        self.assertEqual(cvss.severity_of({"database_specific": {"severity": "High"}}), "high")


class Committed(unittest.TestCase):
    def test_the_committed_exceptions_are_sound(self):
        document = json.loads((locks.FOLDER / "exceptions.openvex.json").read_text())
        audit.vex.read(document, "committed", datetime.date.today())

    def test_every_severity_has_a_place_in_the_order(self):
        self.assertTrue(set(advisories.URGENCIES.values()) <= set(advisories.ORDER))


if __name__ == "__main__":
    unittest.main()
