"""What a site file may say to the simulated driver: its world, its images, and how often its devices fail."""

from dataclasses import dataclass
from pathlib import Path

from telescopes.description.section import Within
from telescopes.description.telescope import Telescope
from telescopes.drivers.settings import settings_of

CHANCE = Within(0, 1, "a probability")
SLOWNESS = Within(0, 3600, "seconds of sky time")
SIDE = Within(32, 4096, "pixels")
KEPT = Within(1, 1_000_000, "a number of images")
SEED = Within(0, 2**53, "a whole number")


@dataclass(frozen=True, slots=True)
class SimulatedSettings:
    """The keys of ``[driver]``; `world` None: an empty sky, `images` None: no images are written.

    Of the images in the folder the newest `images_kept` stay; `image_px` is the longer side of one. Faults and slow
    answers come by chance, the same again with the same `seed`.
    """

    world: Path | None = None
    images: Path | None = None
    images_kept: int = 50
    image_px: int = 512
    seed: int = 0
    mount_fault_probability: float = 0.0
    camera_fault_probability: float = 0.0
    filter_fault_probability: float = 0.0
    slow_probability: float = 0.0
    slow_s: float = 0.0


def read_settings(telescope: Telescope) -> SimulatedSettings:
    """Read the driver's settings.

    Raises
    ------
    Refused
        Naming every problem.
    """
    silent = SimulatedSettings()
    with settings_of(telescope) as section:
        world, images = section.optional_text("world"), section.optional_text("images")
        return SimulatedSettings(
            world=None if world is None else Path(world),
            images=None if images is None else Path(images),
            images_kept=section.whole_number("images_kept", KEPT, silent.images_kept),
            image_px=section.whole_number("image_px", SIDE, silent.image_px),
            seed=section.whole_number("seed", SEED, silent.seed),
            mount_fault_probability=section.number("mount_fault_probability", CHANCE, 0.0),
            camera_fault_probability=section.number("camera_fault_probability", CHANCE, 0.0),
            filter_fault_probability=section.number("filter_fault_probability", CHANCE, 0.0),
            slow_probability=section.number("slow_probability", CHANCE, 0.0),
            slow_s=section.number("slow_s", SLOWNESS, 0.0),
        )
