"""What the machine of an end-to-end test has to give."""
import os
import subprocess
import unittest


def require_sandbox():
    """Skips the module where the kernel refuses what every compartment is made of, as in a chroot.

    Asks the kernel itself: a mistake in the product's own answer must fail, not skip. What is
    printed is known to ctest, which then shows the test as skipped.
    """
    tried = subprocess.run(["unshare", "--user", "true"], capture_output=True, text=True,
                           check=False)
    if tried.returncode == 0:
        return
    doctor = subprocess.run([os.environ["BULKHEAD"], "doctor"], capture_output=True, text=True,
                            check=False)
    reason = f"this machine gives no sandbox: {tried.stderr.strip()}"
    print(f"skipped: {reason}\n{doctor.stdout}", flush=True)
    raise unittest.SkipTest(reason)
