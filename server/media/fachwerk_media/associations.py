# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""SCTP of aiortc, and nothing else of it.

Its package imports PyAV, and with that FFmpeg and the video encoders x264 and x265 (GPL): 100 MB that this process,
which never decodes anything, has no use for, and that our images do not carry. So the two modules that are needed are
imported beside their package. What they want of the rest is one name for an annotation.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiortc.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
    from aiortc.rtcsctptransport import RTCSctpCapabilities, RTCSctpTransport

__all__ = ["RTCDataChannel", "RTCDataChannelParameters", "RTCSctpCapabilities", "RTCSctpTransport"]


def _load() -> tuple[ModuleType, ModuleType]:
    """aiortc.rtcdatachannel and aiortc.rtcsctptransport. Whoever imports aiortc itself gets its own, whole one."""
    found = importlib.util.find_spec("aiortc")  # finds the package, does not run it
    if found is None or found.submodule_search_locations is None:
        raise ImportError("aiortc is not installed")
    package, dtls = ModuleType("aiortc"), ModuleType("aiortc.rtcdtlstransport")
    package.__path__ = found.submodule_search_locations
    vars(dtls)["RTCDtlsTransport"] = object
    others = _take_out()
    sys.modules |= {package.__name__: package, dtls.__name__: dtls}
    try:
        return importlib.import_module("aiortc.rtcdatachannel"), importlib.import_module("aiortc.rtcsctptransport")
    finally:
        _take_out()
        sys.modules |= others


def _take_out() -> dict[str, ModuleType]:
    """Whatever is loaded of aiortc, no longer loaded."""
    loaded = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "aiortc"}
    for name in loaded:
        del sys.modules[name]
    return loaded


if not TYPE_CHECKING:
    _channels, _transport = _load()
    RTCDataChannel = _channels.RTCDataChannel
    RTCDataChannelParameters = _channels.RTCDataChannelParameters
    RTCSctpCapabilities = _transport.RTCSctpCapabilities
    RTCSctpTransport = _transport.RTCSctpTransport
