"""Sign-off: what Magic, KLayout with a shuttle's deck, and netgen say of a layout."""

from codesign.layout.signoff.check import sign_off
from codesign.layout.signoff.files import install_technology_files
from codesign.layout.signoff.report import SignOff, format_sign_off

__all__ = ["SignOff", "format_sign_off", "install_technology_files", "sign_off"]
