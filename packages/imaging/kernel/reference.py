"""Writes reference.json: the results of OpenCV and NumPy for the pictures that the tests generate.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install opencv-python-headless numpy
    /tmp/reference/bin/python packages/imaging/kernel/reference.py

The pictures are made by the same whole-number generator as in src/kernel/test-reference.ts.
"""

import json
from pathlib import Path

import cv2
import numpy as np


def picture(kind: str, width: int, height: int) -> np.ndarray:
    """height x width x 3 bytes, RGB."""
    x = np.arange(width, dtype=np.uint64)[None, :, None]
    y = np.arange(height, dtype=np.uint64)[:, None, None]
    c = np.arange(3, dtype=np.uint64)[None, None, :]
    # A hash of position and channel, modulo 2^32.
    mixed = (x * 73_856_093 + y * 19_349_663 + c * 83_492_791) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 2_654_435_761) & 0xFFFFFFFF
    noise = (mixed ^ (mixed >> 16)) & 0xFF
    if kind == "noise":
        values = noise
    elif kind == "black-and-white":
        values = (noise & 1) * 255 + c * 0
    elif kind == "gradient":
        values = (x * (c + 1) + y * (3 - c)) & 0xFF
    elif kind == "smooth":
        values = (x * 255) // max(width - 1, 1) * 3 // 4 + (y * 63) // max(height - 1, 1) + c * 0
    elif kind == "faint":
        values = 100 + (noise & 3)
    elif kind == "checks":
        values = (((x >> 3) + (y >> 3)) & 1) * 200 + (noise & 15) + c * 10
    elif kind == "flat":
        values = 77 + x * 0 + y * 0 + c
    else:
        raise ValueError(kind)
    return np.ascontiguousarray(np.broadcast_to(values, (height, width, 3)).astype(np.uint8))


def score(grey: np.ndarray) -> float:
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())


def shares(length: int, reduced: int) -> np.ndarray:
    """The share of each row (or column) in each reduced one, in units of 1 / `reduced` of a row."""
    starts = np.arange(reduced)[:, None] * length
    at = np.arange(length)[None, :] * reduced
    return np.clip(np.minimum(starts + length, at + reduced) - np.maximum(starts, at), 0, None).astype(np.int64)


def reduced(grey: np.ndarray) -> np.ndarray:
    """Area averaging to a long side of 1000 px with integers, rounded half up."""
    height, width = grey.shape
    long = max(width, height)
    if long <= 1000:
        return grey
    to_width = max(1, (2 * width * 1000 + long) // (2 * long))
    to_height = max(1, (2 * height * 1000 + long) // (2 * long))
    total = shares(height, to_height) @ grey.astype(np.int64) @ shares(width, to_width).T
    area = width * height
    return ((2 * total + area) // (2 * area)).astype(np.uint8)


def measure(kind: str, width: int, height: int) -> dict:
    rgb = picture(kind, width, height)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    middle = np.s_[height >> 2 : height - (height >> 2), width >> 2 : width - (width >> 2)]
    centre, centre_grey = rgb[middle].reshape(-1, 3), grey[middle]
    small = reduced(grey)
    area = cv2.resize(grey, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    return {
        "kind": kind,
        "width": width,
        "height": height,
        "sharpness": score(grey),
        "sharpness_1000": score(small),
        "sharpness_1000_inter_area": score(area),
        "mean_luma": float(grey.mean(dtype=np.float64)),
        "clipped_white": float((grey == 255).mean()),
        "clipped_black": float((grey == 0).mean()),
        "histogram": [int(n) for n in np.bincount(grey.ravel(), minlength=256)],
        "centre": [float(v) for v in centre.mean(axis=0, dtype=np.float64)]
        + [float(centre_grey.mean(dtype=np.float64)), float((centre_grey == 255).mean()), float((centre_grey == 0).mean())],
    }


pictures = [
    ("noise", 640, 480),
    ("noise", 1, 1),
    ("noise", 1, 257),
    ("noise", 311, 1),
    ("noise", 2, 2),
    ("noise", 3, 1201),
    ("noise", 1999, 5),
    ("black-and-white", 337, 211),
    ("black-and-white", 8195, 3),
    ("gradient", 1023, 517),
    ("gradient", 17, 16),
    ("smooth", 1500, 1001),
    ("smooth", 50, 2047),
    ("faint", 1283, 859),
    ("faint", 48, 48),
    ("checks", 2016, 1512),
    ("checks", 1001, 1000),
    ("flat", 33, 19),
]
name = Path(__file__).with_name("reference.json")
lines = ",\n".join(json.dumps(measure(*each), separators=(",", ":")) for each in pictures)
name.write_text(f'{{"opencv":"{cv2.__version__}","numpy":"{np.__version__}","pictures":[\n{lines}\n]}}\n')
