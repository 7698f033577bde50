"""Rectangles in whole nanometres."""

from dataclasses import dataclass
from typing import Literal, Self

Side = Literal["left", "right"]
"""An edge of a drawing."""


@dataclass(frozen=True, order=True)
class Box:
    """A rectangle, nm. `left < right` and `bottom < top`."""

    left: int
    bottom: int
    right: int
    top: int

    @classmethod
    def centred(cls, x: int, y: int, width: int, height: int) -> Self:
        """The rectangle of that size about (x, y)."""
        left, bottom = x - width // 2, y - height // 2
        return cls(left, bottom, left + width, bottom + height)

    @classmethod
    def around(cls, *boxes: "Box") -> Self:
        """The smallest rectangle that holds all of `boxes`."""
        return cls(
            min(box.left for box in boxes),
            min(box.bottom for box in boxes),
            max(box.right for box in boxes),
            max(box.top for box in boxes),
        )

    @property
    def width(self) -> int:
        """Extent along x, nm."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Extent along y, nm."""
        return self.top - self.bottom

    @property
    def x(self) -> int:
        """Centre along x, nm."""
        return (self.left + self.right) // 2

    @property
    def y(self) -> int:
        """Centre along y, nm."""
        return (self.bottom + self.top) // 2

    def grown(self, dx: int, dy: int | None = None) -> "Box":
        """Enlarged by `dx` to the left and right and `dy` (`dx` when not given) to the bottom and top."""
        dy = dx if dy is None else dy
        return Box(self.left - dx, self.bottom - dy, self.right + dx, self.top + dy)

    def moved(self, dx: int, dy: int) -> "Box":
        """Shifted by (dx, dy)."""
        return Box(self.left + dx, self.bottom + dy, self.right + dx, self.top + dy)

    def overlaps(self, other: "Box") -> bool:
        """Whether they have an area in common."""
        return (
            self.left < other.right and self.right > other.left and self.bottom < other.top and self.top > other.bottom
        )

    def touches(self, other: "Box") -> bool:
        """Whether they have a point in common."""
        return (
            self.left <= other.right
            and self.right >= other.left
            and self.bottom <= other.top
            and self.top >= other.bottom
        )

    def mirrored(self) -> "Box":
        """Mirrored at the y axis."""
        return Box(-self.right, self.bottom, -self.left, self.top)

    def flipped(self) -> "Box":
        """Mirrored at the x axis."""
        return Box(self.left, -self.top, self.right, -self.bottom)

    def turned(self) -> "Box":
        """Turned by a quarter turn to the left about the origin."""
        return Box(-self.top, self.left, -self.bottom, self.right)
