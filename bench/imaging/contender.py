"""The same job with Pillow and OpenCV. Prints JSON as contender.mjs does. python3 contender.py ROUNDS FILE..."""

import hashlib
import io
import json
import resource
import sys
import time

import cv2
import numpy as np
from PIL import Image

cv2.setNumThreads(1)


def work(data: bytes) -> None:
    hashlib.sha256(data).hexdigest()
    Image.open(io.BytesIO(data)).getexif()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    cv2.Laplacian(grey, cv2.CV_64F).var()
    histogram = cv2.calcHist([grey], [0], None, [256], [0, 256])
    grey.mean()
    small = cv2.resize(grey, (1000, 1000 * grey.shape[0] // grey.shape[1]), interpolation=cv2.INTER_AREA)
    cv2.Laplacian(small, cv2.CV_64F).var()
    cv2.dct(cv2.resize(small, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32))
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[top : top + side, left : left + side]
    for size in (1200, 600, 150):
        square = cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA)
        cv2.imencode(".jpg", square, [cv2.IMWRITE_JPEG_QUALITY, 85])


rounds = int(sys.argv[1])
files = [open(name, "rb").read() for name in sys.argv[2:]]
for warm_up in range(6):
    work(files[warm_up % len(files)])
cpu, wall = time.process_time(), time.perf_counter()
for _ in range(rounds):
    for data in files:
        work(data)
images = rounds * len(files)
print(
    json.dumps(
        {
            "perImage": {
                "cpuMs": 1000 * (time.process_time() - cpu) / images,
                "wallMs": 1000 * (time.perf_counter() - wall) / images,
            },
            "wallMs": 1000 * (time.perf_counter() - wall),
            "images": images,
            "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
