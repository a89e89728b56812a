# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Debian's Firefox ESR with invented devices. It opens one page; what it sees comes back as the page's reports."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFERENCES = {
    "media.navigator.permission.disabled": "true",
    "media.navigator.streams.fake": "true",
    "media.autoplay.default": "0",
    "media.autoplay.blocking_policy": "0",
    "media.peerconnection.ice.obfuscate_host_addresses": "false",
    "media.gmp-manager.url": '"http://127.0.0.1:9/"',
    "app.update.enabled": "false",
    "browser.safebrowsing.downloads.enabled": "false",
    "browser.safebrowsing.malware.enabled": "false",
    "browser.safebrowsing.phishing.enabled": "false",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "extensions.update.enabled": "false",
    "network.captive-portal-service.enabled": "false",
    "network.connectivity-service.enabled": "false",
    "services.settings.server": '"http://127.0.0.1:9/"',
    "toolkit.telemetry.enabled": "false",
}
"""Nothing is asked, nothing is fetched from elsewhere."""
END_S = 20


@contextlib.contextmanager
def firefox(url: str) -> Iterator[None]:
    """The browser with this page, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="firefox", ignore_cleanup_errors=True) as profile:
        lines = [f'user_pref("{name}", {value});' for name, value in PREFERENCES.items()]
        Path(profile, "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = ["firefox-esr", "--headless", "--no-remote", "--profile", profile, url]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait(END_S)
