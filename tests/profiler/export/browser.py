"""Chromium without a window, driven through a pipe (Chrome DevTools Protocol)."""

import fcntl
import json
import os
import select
import subprocess
import time

LIMIT = 100  # seconds that anything may take


def out_of_the_way(descriptor):
    """Where the browser's own 3 and 4 do not meet it."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


class Browser:
    """`folder` receives the files of the browser."""

    def __init__(self, folder):
        theirs_in, self.out = map(out_of_the_way, os.pipe())
        self.source, theirs_out = map(out_of_the_way, os.pipe())

        def place():
            os.dup2(theirs_in, 3)
            os.dup2(theirs_out, 4)

        self.process = subprocess.Popen(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-pipe",
                "--user-data-dir=" + folder,
                "--window-size=1600,4000",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=place,
            pass_fds=(3, 4),
            env={**os.environ, "HOME": folder},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.number, self.unread = 0, b""

    def close(self):
        self.call("Browser.close")
        self.process.wait(LIMIT)
        os.close(self.out)
        os.close(self.source)

    def message(self, deadline):
        while b"\0" not in self.unread:
            if not select.select([self.source], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("the browser does not respond")
            data = os.read(self.source, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self.unread += data
        text, _, self.unread = self.unread.partition(b"\0")
        return json.loads(text)

    def call(self, method, session=None, **parameters):
        self.number += 1
        request = {
            "id": self.number,
            "method": method,
            "params": parameters,
            **({"sessionId": session} if session else {}),
        }
        os.write(self.out, json.dumps(request).encode() + b"\0")
        deadline = time.monotonic() + LIMIT
        while True:
            answer = self.message(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def page(self, address, selector):
        """The page's HTML as soon as something in it matches the selector."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.navigate", session, url=address)
        look = f"""new Promise(done => {{
            const look = () => document.querySelector({json.dumps(selector)})
                ? done(document.documentElement.outerHTML) : setTimeout(look, 20);
            look();
        }})"""
        result = self.call("Runtime.evaluate", session, expression=look, awaitPromise=True)
        self.call("Target.closeTarget", targetId=target)
        return result["result"]["value"]
