from codesign.pdk.discovery import Pdk, find_pdk
from codesign.pdk.errors import PdkError, PdkNotFound
from codesign.pdk.install import ensure_pdk, install_pdk, install_pdk_with_progress_bar
from codesign.pdk.slicing import device_names, model_slice

__all__ = [
    "Pdk",
    "PdkError",
    "PdkNotFound",
    "device_names",
    "ensure_pdk",
    "find_pdk",
    "install_pdk",
    "install_pdk_with_progress_bar",
    "model_slice",
]
