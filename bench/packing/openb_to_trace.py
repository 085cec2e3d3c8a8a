#!/usr/bin/env python3
"""Converts a pod list of the openb trace into arrivals of GPU instances.

    python3 bench/packing/openb_to_trace.py PODS.csv TRACE.csv [SPEED]

PODS.csv: a list of the openb GPU trace (Alibaba, in hkust-adsl/kubernetes-scheduler-simulator,
Apache-2.0), which asks for thousandths of GPUs. TRACE.csv: `arrival_s,lifetime_s,profile`, by
arrival. The rule: a share of one GPU becomes the smallest profile with at least that share of the
seven compute slices, up to 4g; more is a whole GPU (7g); a pod with several GPUs is as many
requests. Pods without a GPU, or that were deleted when they were created, are left out.
SPEED [1]: arrivals come so many times faster, lifetimes stay. At 1 the trace asks for little at a
time, but for its end; a pod lives for 9 minutes in the median, and the trace lasts 149 days.
"""

import csv
import sys

SHARES = ((1, "1g.5gb"), (2, "2g.10gb"), (3, "3g.20gb"), (4, "4g.20gb"))


def profile_of(milli):
    for slices, name in SHARES:
        if milli * 7 <= slices * 1000:
            return name
    return "7g.40gb"


def requests(pods, speed):
    for pod in pods:
        created = int(pod["creation_time"])
        arrival = created / speed
        lifetime = int(pod["deletion_time"] or 0) - created
        if lifetime <= 0:
            continue
        for _ in range(int(pod["num_gpu"])):
            yield arrival, lifetime, profile_of(int(pod["gpu_milli"]))


def main(arguments):
    if len(arguments) not in (2, 3):
        raise SystemExit(__doc__)
    with open(arguments[0], encoding="utf-8", newline="") as pods:
        speed = float(arguments[2]) if len(arguments) == 3 else 1
        rows = sorted(requests(csv.DictReader(pods), speed))
    with open(arguments[1], "w", encoding="utf-8", newline="") as trace:
        writer = csv.writer(trace, lineterminator="\n")
        writer.writerow(("arrival_s", "lifetime_s", "profile"))
        writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
