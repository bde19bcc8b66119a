"""What a site file may say to the simulated driver: its world, its images, and how often its devices fail."""

from dataclasses import dataclass
from pathlib import Path

from telescopes.description.problems import Problem, refusal
from telescopes.description.section import Section, Within
from telescopes.description.telescope import Telescope

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


def settings_of(telescope: Telescope) -> SimulatedSettings:
    """Read the settings of a site.

    Raises
    ------
    Refused
        Naming every problem.
    """
    problems: list[Problem] = []
    section = Section(telescope.driver.settings, "driver", telescope.id, problems)
    silent = SimulatedSettings()
    world, images = section.optional_text("world"), section.optional_text("images")
    found = SimulatedSettings(
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
    section.close()
    if problems:
        raise refusal(problems, telescope.id)
    return found
