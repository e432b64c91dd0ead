"""The browser that tests drive: Chromium without what its window does besides showing pages."""

import os
import shutil

from playwright.sync_api import Browser, Playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_MS = 150_000.0  # of a machine that has much else to do
# Playwright's own, which a list given to Chromium replaces.
UNWANTED_BY_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
# A toolbar and suggestions below the line for addresses, which are pages themselves, and processes and frames kept
# ready for what is opened next: half of the processor time of opening a page, and nobody sees them.
UNSEEN = (
    "RenderDocument",
    "SpareRendererForSitePerProcess",
    "InitialWebUI",
    "WebUIReloadButton",
    "WebUIToolbar",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium; root may not use its sandbox."""
    options = [f"--disable-features={','.join(UNWANTED_BY_PLAYWRIGHT + UNSEEN)}"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    expect.set_options(timeout=PATIENCE_MS)
    words = {**os.environ, "LC_ALL": "C.UTF-8"}  # in a plain C it loses names of files in Chinese
    return playwright.chromium.launch(executable_path=CHROMIUM, args=options, env=words, timeout=PATIENCE_MS)
