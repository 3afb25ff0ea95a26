"""`milepost route preview`: what it says and draws of a file, and what it refuses."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from PIL import Image

from cli.main import main
from geo.datum import converted
from tests.drawings import FILES, GPX, LINE
from tests.rides import line

BACK = line([(0, 0), (1500, 0), (0, 0)])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for form, data in FILES.items():
        (tmp_path / f"lap.{form}").write_bytes(data)
    points = [
        ("Shop", 500.0, "08:00", "09:00"),
        ("Gate", 1400.0, "23:00", "01:00"),
        ("Far", 9000.0, None, None),
    ]
    features = [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": BACK}, "properties": None}
    ]
    for name, x, opens, closes in points:
        said = {"name": name} | ({"opens": opens, "closes": closes} if opens else {})
        place = {"type": "Point", "coordinates": line([(x, 0)])[0]}
        features.append({"type": "Feature", "geometry": place, "properties": said})
    for name, some in (("far", features), ("hours", features[:-1])):
        collection = {"type": "FeatureCollection", "features": some}
        (tmp_path / f"{name}.geojson").write_text(json.dumps(collection))
    return tmp_path


def look(capsys, *args: object) -> str:
    assert main(["route", "preview", *map(str, args)]) == 0
    return capsys.readouterr().out


def test_the_same_is_said_of_every_format(files, capsys) -> None:
    said = {look(capsys, files / f"lap.{form}") for form in FILES}
    (text,) = said
    assert "Harbour lap: 1.11 km, 0:11 h, 2 stops" in text
    assert "四号码头" in text
    assert "It can be published." in text


def test_speed_and_dwell_are_said(files, capsys) -> None:
    assert "1.11 km, 0:20 h" in look(capsys, files / "lap.gpx", "--speed", 1, "--dwell", 60)


def test_hours_and_what_is_odd(files, capsys) -> None:
    text = look(capsys, files / "hours.geojson")
    assert "starts from which every stop is open: 07:28-08:57" in text
    assert "(1) 100% of the route (3000 m in 1 stretch" in text
    assert "Stop 1 (Gate) is open from 23:00 to 01:00" in text
    assert "It can be published." in text
    text = look(capsys, files / "far.geojson")
    assert "blocks: Stop 2 (Far) is 7500 m from the line" in text
    assert "nowhere on the line" in text
    assert "It cannot be published yet." in text


@pytest.mark.parametrize("name", ["p.png", "p.html"])
def test_the_picture(files, capsys, name) -> None:
    look(capsys, files / "far.geojson", "--out", files / name)
    if name.endswith(".png"):
        with Image.open(files / name) as image:
            assert image.size[0] == 1200
            seen = [colour for _, colour in image.getcolors(1 << 24)]
            for wanted in ((217, 119, 6), (220, 38, 38), (124, 58, 237)):  # overlap, warning, stop
                assert any(math.dist(colour, wanted) < 12 for colour in seen), wanted
    else:
        picture = (files / name).read_text()
        assert picture.count("<polyline") >= 4  # frame, line, overlap, scale
        for words in (
            "0 Shop",
            "2 Far",
            "beside another part of it",
            "(1) blocks: Stop 2 (Far)",
            ">start and end<",
        ):
            assert words in picture


def test_a_file_may_be_in_another_datum(files, capsys) -> None:
    lon, lat = converted([p[0] for p in LINE], [p[1] for p in LINE], "wgs84", "bd09")
    moved = {"type": "LineString", "coordinates": list(zip(lon.tolist(), lat.tolist(), strict=True))}
    (files / "moved.geojson").write_text(json.dumps(moved))
    assert "route: 1.11 km" in look(capsys, files / "moved.geojson", "--datum", "bd09")


BAD = [
    (b"<gpx/>", ".gpx", [], "neither a route nor a track"),
    (GPX.replace(b"</gpx>", GPX[GPX.index(b"<trk>") :]), ".gpx", [], "has 2 lines"),
    (b'{"type": "LineString", "coordinates": [[31.2, 121.4], [31.3, 121.4]]}', ".json", [], "point 0"),
    (b'{"type": "LineString", "coordinates": [[1, 2]]}', ".json", ["--out", "x.png"], "no route to draw"),
    (GPX, ".gpx", ["--out", "x.pdf"], ".png or .html"),
    (GPX, ".gpx", ["--out", "/nowhere/x.png"], "No such file"),
    (GPX, ".gpx", ["--speed", "0"], "--speed"),
    (GPX, ".shp", [], "routes are read from"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "suffix", "options", "words"), BAD)
def test_what_cannot_be_looked_at_is_refused(tmp_path, capsys, data, suffix, options, words) -> None:
    file = tmp_path / f"x{suffix}"
    file.write_bytes(data)
    assert main(["route", "preview", str(file), *options]) == 1
    assert words in capsys.readouterr().err


def test_an_import_needs_an_id_that_is_one(files, capsys) -> None:
    assert main(["route", "import", str(files / "lap.gpx"), "--id", "Lap 1"]) == 1
    assert "--id Lap 1 is no id" in capsys.readouterr().err
