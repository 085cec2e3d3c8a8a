"""That the judge of books sees what it is there for; no program runs.

    python3 tests/process/fire/test_client_book.py
"""

import unittest

from client_book import BYTES_MIN, Client, Request, judge
from ledger_file import Record

KEY = "bh_live_key1_secret_check"


def record(number, size=BYTES_MIN, outcome="ok", about="", key="key1"):
    return Record(f"ledger-1-{number}", outcome, about, "tenant", key, 1, size)


def client(*requests):
    made = Client("plant", KEY, "line-3", None, 0)
    made.book = list(requests)
    return made


def received(*numbers, size=BYTES_MIN):
    return Request("picture", size, "received", 200, tuple(f"ledger-1-{n}" for n in numbers))


class Same(dict):
    """A receipt that is its record's id."""

    def __missing__(self, receipt):
        return receipt


class Judge(unittest.TestCase):
    def wrong(self, requests, records):
        return judge([client(*requests)], records, Same())[0]

    def test_agrees_with_books_that_agree(self):
        requests = [received(1), Request("picture", BYTES_MIN + 1, "refused", 503),
                    Request("form", BYTES_MIN + 2), received(5, size=BYTES_MIN + 3)]
        records = [record(1), record(2, BYTES_MIN + 1, "failed"), record(3, BYTES_MIN + 2),
                   record(4, BYTES_MIN + 2), record(5, BYTES_MIN + 3)]
        self.assertEqual(self.wrong(requests, records), [])

    def test_sees_a_result_that_is_not_on_the_ledger(self):
        self.assertIn("not metered", self.wrong([received(1)], [])[0])

    def test_sees_a_result_that_was_taken_back(self):
        records = [record(1), record(2, outcome="undelivered", about="ledger-1-1")]
        self.assertIn("not metered", self.wrong([received(1)], records)[0])

    def test_sees_a_receipt_that_was_given_twice(self):
        requests = [received(1), received(1, size=BYTES_MIN + 1)]
        self.assertIn("given 2 times", self.wrong(requests, [record(1)])[-1])

    def test_sees_an_id_that_is_on_the_ledger_twice(self):
        self.assertIn("2 times", self.wrong([received(1)], [record(1), record(1)])[0])

    def test_sees_a_refused_request_that_is_billed(self):
        requests = [Request("picture", BYTES_MIN, "refused", 503)]
        self.assertIn("refused and metered", self.wrong(requests, [record(1)])[0])
        undone = [record(1), record(2, outcome="undelivered", about="ledger-1-1")]
        self.assertEqual(self.wrong(requests, undone), [])

    def test_sees_a_frame_that_is_billed_twice(self):
        self.assertIn("not given", self.wrong([received(1)], [record(1), record(2)])[0])
        lost = [Request("picture", BYTES_MIN)]
        self.assertIn("more than once", self.wrong(lost, [record(1), record(2)])[0])

    def test_sees_a_record_of_nobody(self):
        self.assertIn("no request", self.wrong([], [record(1)])[0])
        self.assertIn("nobody used", self.wrong([], [record(1, key="key2")])[-1])


if __name__ == "__main__":
    unittest.main()
