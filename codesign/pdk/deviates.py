"""Models whose devices take their random numbers as parameters, in place of drawing them."""

import re

from codesign.pdk.errors import PdkError
from codesign.pdk.technology import Devices

_SUBCIRCUIT = re.compile(r"^\.subckt\s+(\S+).*?^\.ends", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_HEADER = re.compile(r"\A[^\n]*")
_DRAW = re.compile(r"\bagauss\(\s*0(?:\.0*)?\s*,\s*([^,()]+?)\s*,\s*1(?:\.0*)?\s*\)", re.IGNORECASE)
_RANDOM = re.compile(r"\b(?:a?gauss|a?unif|limit)\(", re.IGNORECASE)


def with_deviates(models: str, devices: Devices) -> str:
    """Turn each random draw of a device into a parameter of it: `deviate_1` and on, 0 unless an instance gives it.

    Draws outside devices, those of the process, stay: their switch is off in sections with mismatch.

    Args:
        models: a slice of the library, of a section with mismatch.
        devices: of the process; they tell how many random numbers each device draws.

    Raises:
        PdkError: a device draws otherwise than those tell.
    """

    def changed(subcircuit: re.Match[str]) -> str:
        text, name = subcircuit[0], subcircuit[1].lower()
        draws = _DRAW.findall(text)
        numbers = iter(range(1, len(draws) + 1))
        text = _DRAW.sub(lambda draw: f"({draw[1]}*deviate_{next(numbers)})", text)
        if len(draws) != devices.deviate_count(name) or _RANDOM.search(text):
            raise PdkError(
                f"the mismatch of {name} is drawn in a way that codesign does not know: no chip can be made of it",
                cure="use another device, or mismatch = false",
            )
        parameters = "".join(f" deviate_{number}=0" for number in range(1, len(draws) + 1))
        return _HEADER.sub(lambda header: header[0] + parameters, text)

    return _SUBCIRCUIT.sub(changed, models)
