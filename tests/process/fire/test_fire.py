"""The ledger and the store under fire: gateway, node and workers are killed with kill -9, at random
and at named points, while clients and an operator keep their own books.

    python3 tests/process/fire/test_fire.py BIN-FOLDER

KILLS (20) says how often, SEED which run. What a run must show: whoever received a result finds it
metered; what is metered and was not received was in flight when something was killed; no id twice;
the ledger is sound; usage adds up to it; what an operator was told is done stays done.
"""

import os
import pathlib
import random
import shutil
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

# pylint: disable=wrong-import-position
import served  # noqa: E402
from client_book import Client, judge, received_by  # noqa: E402
from ledger_file import read_ledger  # noqa: E402
from operator_book import Operator  # noqa: E402
from rpc_client import RpcClient  # noqa: E402
from stage import Stage  # noqa: E402

KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("SEED", str(random.SystemRandom().randrange(1 << 32))))
TENANTS = {"plant": "line-3", "city": "street"}
CLIENTS_EACH = 3
# What a gateway does again and again while it serves, and how far into that a kill may strike.
GATEWAY_POINTS = {
    "ledger.write": 60, "ledger.sync": 60, "ledger.name": 1, "store.write": 40, "store.sync": 12,
    "client.send": 60, "unix.send": 60, "models.name": 2, "models.sync": 4, "any.cut": 2}
NODE_POINTS = {"unix.send": 12, "any.write": 60}
KINDS = ["gateway", "gateway point", "gateway point", "gateway point", "node", "node point",
         "worker", "worker", "everything"]


class UnderFire:
    """One run: programs, clients and an operator, and the kills."""

    def __init__(self, folder, loses_unsynced=False):
        self.chance = random.Random(SEED)
        self.stage = Stage(folder, loses_unsynced)
        self.clients = []
        self.kills = {}
        self.late = 0
        self.armed = None

    def set_up(self):
        stage = self.stage
        stage.start_node()
        stage.start_gateway()
        stage.wait_until_serving()
        spare = stage.logs / "model"
        spare.write_text("the worker does not look at it")
        for tenant, model in TENANTS.items():
            stage.command("tenant", "create", tenant)
            stage.command("model", "push", model, str(spare), "--tenant", tenant)
            stage.command("deploy", model, "--tenant", tenant)
            for first in range(CLIENTS_EACH):
                key = stage.command("key", "create", "--tenant", tenant)["key"]
                self.clients.append(Client(tenant, key, model, stage.port, first))
            key = stage.command("key", "create", "--tenant", tenant)["key"]
            self.clients.append(RpcClient(tenant, key, model, stage.grpc_port, 0))
        stage.command("tenant", "create", "office")
        self.operator = Operator(stage, "office")
        for thread in (*self.clients, self.operator):
            thread.start()
        self.wait_for_results()

    def results(self):
        return [sum(client.received for client in self.clients if client.tenant == tenant)
                for tenant in TENANTS]

    def wait_for_results(self):
        before = self.results()
        served.until("results for every tenant again",
                     lambda: all(now > then for now, then in zip(self.results(), before)))

    def mend(self):
        """Starts what is down. A gateway that dies of its kill point meanwhile is started again."""
        if self.stage.node.poll() is not None:
            self.stage.start_node()
        if self.stage.gateway.poll() is not None:
            self.stage.start_gateway()
            self.stage.wait_until_serving()
        self.wait_for_results()

    def strike(self):
        kind = self.chance.choice(KINDS)
        time.sleep(self.chance.random() * 0.05)
        if kind == "worker":
            self.kill_worker()
        elif kind == "gateway point":
            self.strike_at_point("gateway", GATEWAY_POINTS)
        elif kind == "node point":
            self.strike_at_point("node", NODE_POINTS)
        elif kind == "everything":
            self.stage.kill("node", "gateway")
        else:
            self.stage.kill(kind)
        self.kills[kind] = self.kills.get(kind, 0) + 1

    def lose_power(self):
        """Everything ends at once, and what was not synced is lost."""
        kind = "power, at a point"
        if self.chance.random() < 0.7:
            self.strike_at_point("gateway", GATEWAY_POINTS)
        else:
            kind = "power"
            time.sleep(self.chance.random() * 0.3)
        self.stage.lose_power(self.chance.randrange(1 << 32))
        self.kills[kind] = self.kills.get(kind, 0) + 1

    def kill_worker(self):
        workers = self.stage.workers()
        if workers:
            try:
                os.kill(self.chance.choice(workers), 9)
            except ProcessLookupError:
                pass

    def strike_at_point(self, name, points):
        """Starts one program anew, which kills itself at the point."""
        point = self.chance.choice(sorted(points))
        when = self.chance.choice(["before", "torn", "after"])
        count = self.chance.randint(1, points[point])
        self.stage.kill(name)
        getattr(self.stage, "start_" + name)(f"{point}.{when}:{count}")
        if name == "gateway" and self.stage.node.poll() is not None:
            self.stage.start_node()
        end = time.monotonic() + 3
        process = getattr(self.stage, name)
        while process.poll() is None and time.monotonic() < end:
            self.stage.serving()
            time.sleep(0.005)
        if process.poll() is None:
            # It was not reached in time: any point is as good.
            self.late += 1
            self.stage.kill(name)

    def cease(self):
        for thread in (*self.clients, self.operator):
            thread.stopping = True
        for thread in (*self.clients, self.operator):
            thread.join()

    def judge(self):
        """What is wrong, as sentences; and counts. Nothing asks any more; the gateway runs."""
        wrong = self.operator.judge(self.stage.port())
        report = self.stage.command("ledger", "verify")
        if not report["sound"]:
            wrong.append(f"not sound: {report}")
        records = read_ledger(self.stage.folder / "gateway/ledger")
        ids = self.stage.records_of(received_by(self.clients))
        found, counts = judge(self.clients, records, ids)
        wrong += found
        for tenant in TENANTS:
            rows = self.stage.command("usage", "--tenant", tenant)["rows"]
            ids = {client.key.split("_")[2] for client in self.clients if client.tenant == tenant}
            for outcome in ("ok", "failed", "undelivered"):
                used = sum(row["frames"] for row in rows if row["outcome"] == outcome)
                metered = sum(record.frames for record in records
                              if record.key in ids and record.outcome == outcome)
                if used != metered:
                    wrong.append(f"usage of {tenant}: {used} frames {outcome}, ledger: {metered}")
        counts["records"] = len(records)
        counts["received over gRPC"] = sum(
            client.received for client in self.clients if isinstance(client, RpcClient))
        if not counts["received over gRPC"]:
            wrong.append("nothing was received over gRPC")
        counts["points not reached in time"] = self.late
        return wrong, dict(counts)


class Fire(unittest.TestCase):
    def run_kills(self, kills, loses_unsynced, strike):
        folder = tempfile.mkdtemp(prefix="bulkhead-fire-")
        print(f"\nSEED={SEED} KILLS={kills} in {folder}", flush=True)
        fire = UnderFire(folder, loses_unsynced)
        fire.set_up()
        begun = time.monotonic()
        try:
            for kill in range(kills):
                strike(fire)
                fire.mend()
                if (kill + 1) % 50 == 0:
                    print(f"{kill + 1} kills, {time.monotonic() - begun:.0f} s, "
                          f"{sum(fire.results())} answers", flush=True)
            fire.cease()
            wrong, counts = fire.judge()
        finally:
            fire.cease()
            fire.stage.stop()
        print(f"kills {fire.kills}\n{counts}", flush=True)
        self.assertEqual(wrong[:10], [], f"{len(wrong)} in all")
        # Kept where something was wrong.
        shutil.rmtree(folder)

    def test_nothing_received_is_unmetered_and_nothing_is_metered_twice(self):
        self.run_kills(KILLS, False, UnderFire.strike)

    def test_nothing_that_was_promised_is_lost_with_the_power(self):
        self.run_kills(max(KILLS // 2, 1), True, UnderFire.lose_power)


if __name__ == "__main__":
    served.run()
