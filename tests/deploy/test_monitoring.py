# SPDX-License-Identifier: Apache-2.0
"""The dashboard, the rules and docs/metrics.md against a gateway's real /metrics.

METRICS_PROGRAM is the program that shows it. The parts that need Prometheus are skipped without it.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import metrics_in_use as in_use

PROMETHEUS = shutil.which("prometheus")
PROMTOOL = shutil.which("promtool")
NO_PROMETHEUS = "no prometheus and promtool (tools/setup test)"



class MetricsProgram:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [os.environ["METRICS_PROGRAM"], self.folder.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.status = self.process.wait(timeout=60)
        self.folder.cleanup()

    def exposition(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as page:
            return page.read().decode()


class Monitoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with MetricsProgram() as program:
            cls.exposition = program.exposition()
        cls.families = in_use.families_of(cls.exposition)

    def known(self, name):
        return (name in in_use.MADE_BY_PROMETHEUS or name in in_use.recorded_names()
                or in_use.family_of(name, self.families) is not None)

    def test_each_metric_of_the_dashboard_exists(self):
        expressions = in_use.dashboard_expressions()
        self.assertGreater(len(expressions), 30)
        for expression in expressions:
            names = in_use.metrics_of(expression)
            self.assertTrue(names, expression)
            for name in names:
                self.assertTrue(self.known(name), f"{name} in: {expression}")

    def test_each_metric_of_the_rules_exists(self):
        expressions = in_use.rule_expressions()
        self.assertEqual(len(expressions),
                         len(in_use.recorded_names()) + len(in_use.alert_names()))
        for expression in expressions:
            for name in in_use.metrics_of(expression):
                self.assertTrue(self.known(name), f"{name} in: {expression}")

    maxDiff = None

    def test_the_page_names_each_metric_with_its_type_and_labels_and_no_other(self):
        rows = re.findall(r"^\| `([a-z_:]+)` \| (\w+) \|([^|]*)\|", in_use.PAGE.read_text(), re.M)
        listed = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
        shown = {name: (family["type"], family["labels"]) for name, family in self.families.items()}
        self.assertEqual(listed, shown)

    def test_each_alert_has_a_case_that_fires(self):
        fires = re.findall(r"alertname: (\S+)\n +exp_alerts:\n", in_use.RULES_TEST.read_text())
        self.assertEqual(set(fires), in_use.alert_names())

    def test_panels_of_the_dashboard_do_not_overlap(self):
        taken = set()
        for panel in json.loads(in_use.DASHBOARD.read_text())["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertLessEqual(place["x"] + place["w"], 24)
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells


@unittest.skipUnless(PROMTOOL, NO_PROMETHEUS)
class Promtool(unittest.TestCase):
    def accepts(self, *arguments, text=None):
        run = subprocess.run([PROMTOOL, *map(str, arguments)], input=text, capture_output=True,
                             text=True, cwd=in_use.RULES.parent)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_the_configuration_is_valid(self):
        self.accepts("check", "config", in_use.CONFIG)

    def test_the_rules_are_valid(self):
        self.accepts("check", "rules", in_use.RULES)

    def test_the_alerts_fire_when_they_should(self):
        self.accepts("test", "rules", in_use.RULES_TEST)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Prometheus:
    """One that scrapes a port every second and knows the rules."""

    def __init__(self, target):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        config = in_use.CONFIG.read_text()
        config = config.replace("127.0.0.1:8002", f"127.0.0.1:{target}").replace("15s", "1s")
        config = config.replace("- bulkhead-alerts.yml", f"- {in_use.RULES}")
        path = pathlib.Path(self.folder.name, "prometheus.yml")
        path.write_text(config)
        self.log = open(pathlib.Path(self.folder.name, "log"), "w")
        self.process = subprocess.Popen(
            [PROMETHEUS, f"--config.file={path}", f"--storage.tsdb.path={self.folder.name}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"], stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.log.close()
        self.folder.cleanup()

    def ask(self, expression):
        """None while it is not there yet."""
        query = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{self.port}/api/v1/query?{query}", timeout=30) as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None
            raise AssertionError(expression + ": " + error.read().decode()) from error
        except urllib.error.URLError:
            return None

    def await_result(self, expression):
        """Until there is one; gives up after a minute."""
        give_up = time.monotonic() + 60
        while True:
            result = self.ask(expression)
            if result or time.monotonic() > give_up:
                return result
            time.sleep(0.2)


def as_grafana_asks(expression):
    for variable in ("instance", "tenant", "model"):
        expression = expression.replace(f"${variable}", ".*")
    return expression.replace("[$__rate_interval]", "[1m]")


# Panels that show nothing as long as nothing is wrong, or before a worker was ready.
EMPTY_WHEN_ALL_IS_WELL = ["bulkhead_worker_ends_total"]


@unittest.skipUnless(PROMETHEUS and PROMTOOL, NO_PROMETHEUS)
class Scraped(unittest.TestCase):
    def test_each_query_of_the_dashboard_gives_a_result(self):
        with MetricsProgram() as program, Prometheus(program.port) as prometheus:
            self.assertTrue(prometheus.await_result("rate(nv_inference_count[1m]) > 0"))
            for expression in map(as_grafana_asks, in_use.dashboard_expressions()):
                if any(name in expression for name in EMPTY_WHEN_ALL_IS_WELL):
                    self.assertIsNotNone(prometheus.ask(expression), expression)
                    continue
                self.assertTrue(prometheus.await_result(expression), expression)
            # The program has no node.
            alert = 'ALERTS{alertname="NodeDown"}'
            self.assertTrue(prometheus.await_result(alert), alert)
            exposition = program.exposition()
        self.assertEqual(program.status, 0)
        run = subprocess.run([PROMTOOL, "check", "metrics"], input=exposition,
                             capture_output=True, text=True)
        # It has opinions on names, which Triton's do not share.
        self.assertNotIn("error while linting", run.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
