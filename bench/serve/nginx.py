"""nginx that passes requests to a Unix socket, behind which another nginx answers at once."""

import contextlib
import pathlib
import socket
import subprocess
import tempfile

from load import CLIENT_CORE
from stack import until

PORT = 18181
COMMON = """
worker_processes 1; daemon off; master_process off; pid {folder}/{name}.pid;
error_log {folder}/{name}.log; events {{ worker_connections 20000; }}
"""
# Connections to the other side are kept: without, nginx would be no yardstick.
PROXY = COMMON + """
http {{
  access_log off; keepalive_requests 1000000000;
  upstream behind {{ server unix:{folder}/behind.sock; keepalive 256; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""
BEHIND = COMMON + """
http {{
  access_log off; keepalive_requests 1000000000;
  server {{
    listen unix:{folder}/behind.sock;
    location / {{ default_type application/json; return 200 '{answer}'; }}
  }}
}}
"""


@contextlib.contextmanager
def passing_nginx(answer):
    """The process that passes on, pinned to the first core; the one behind runs beside wrk."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        started = []
        for name, text, core in (("behind", BEHIND, CLIENT_CORE), ("proxy", PROXY, 0)):
            configuration = folder / f"{name}.conf"
            configuration.write_text(text.format(folder=folder, name=name, port=PORT,
                                                 answer=answer))
            started.append(subprocess.Popen(
                ["taskset", "-c", str(core), "nginx", "-c", str(configuration)],
                stderr=subprocess.DEVNULL))
        try:
            until("nginx", listens)
            yield started[1].pid
        finally:
            for process in started:
                process.terminate()
                process.wait()


def listens():
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", PORT)) == 0
