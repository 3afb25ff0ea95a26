"""`milepost match`: its files, its rows, its refusals."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from cli.main import main
from geo.datum import converted
from tests.rides import PLAIN, at, drive

TRUTH = drive(PLAIN, 6.0, 10.0, 4.0, seed=2)
LINE = list(zip(PLAIN.lon.tolist(), PLAIN.lat.tolist(), strict=True))
ROOT = Path(__file__).parents[2]
COLUMNS = ["t_unix", "along_m", "fraction", "offset_m", "on_route", "confidence", "outlier"]


def geojson(line: list) -> str:
    return json.dumps(
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": line}}
    )


GPX_LINE = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in LINE)
KML_LINE = " ".join(f"{lon},{lat},0" for lon, lat in LINE)
ROUTES = {
    "r.geojson": geojson(LINE),
    "r.gpx": f'<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{GPX_LINE}</trkseg></trk></gpx>',
    "r.kml": f'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><LineString><coordinates>{KML_LINE}'
    "</coordinates></LineString></Placemark></kml>",
}


def pings(rows: list[str] | None = None) -> str:
    made = [f"{f.t},{f.lat},{f.lon},{f.accuracy_m}" for _, f in TRUTH]
    return "\n".join(["t_unix,lat,lon,accuracy_m", *(made if rows is None else rows)]) + "\n"


def run(capsys, *args: object) -> list[dict[str, str]]:
    assert main(["match", *map(str, args)]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in ROUTES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "p.csv").write_text(pings())
    return tmp_path


@pytest.mark.parametrize("route", ROUTES)
def test_a_row_a_ping_from_every_kind_of_route(files, capsys, route) -> None:
    rows = run(capsys, files / route, files / "p.csv")
    assert list(rows[0]) == COLUMNS
    assert len(rows) == len(TRUTH)
    for row, (along, fix) in zip(rows, TRUTH, strict=True):
        assert float(row["t_unix"]) == fix.t
        assert abs(float(row["fraction"]) * PLAIN.length_m - along) < 25


def test_batches_do_not_change_what_is_said_and_offline_does(files, capsys) -> None:
    said = [run(capsys, files / "r.geojson", files / "p.csv", "--batch", n) for n in (1, 6, 1000)]
    assert said[0] == said[1] == said[2]
    offline = run(capsys, files / "r.geojson", files / "p.csv", "--offline")
    assert len(offline) == len(TRUTH)


def test_both_files_may_be_in_another_datum(files, capsys) -> None:
    plain = run(capsys, files / "r.geojson", files / "p.csv")
    lon, lat = converted([p[0] for p in LINE], [p[1] for p in LINE], "wgs84", "bd09")
    (files / "b.geojson").write_text(geojson(list(zip(lon.tolist(), lat.tolist(), strict=True))))
    lon, lat = converted([f.lon for _, f in TRUTH], [f.lat for _, f in TRUTH], "wgs84", "bd09")
    rows = [f"{f.t},{y},{x},{f.accuracy_m}" for (_, f), x, y in zip(TRUTH, lon, lat, strict=True)]
    (files / "b.csv").write_text(pings(rows))
    shifted = run(capsys, files / "b.geojson", files / "b.csv", "--datum", "bd09")
    for a, b in zip(plain, shifted, strict=True):
        assert float(a["along_m"]) == pytest.approx(float(b["along_m"]), abs=0.5)


def test_pings_from_gpx_and_out_of_order_rows_are_told_in_their_order(files, capsys) -> None:
    points = "".join(
        f'<trkpt lat="{f.lat}" lon="{f.lon}"><time>2027-01-15T08:{i // 6:02}:{i % 6 * 10:02}Z</time></trkpt>'
        for i, (_, f) in enumerate(TRUTH[:20])
    )
    (files / "p.gpx").write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>")
    assert len(run(capsys, files / "r.geojson", files / "p.gpx")) == 20
    made = pings().splitlines()[1:21]
    (files / "o.csv").write_text(pings([*made[10:], *made[:10]]))
    rows = run(capsys, files / "r.geojson", files / "o.csv")
    assert [row["t_unix"] for row in rows] == [
        f"{float(line.split(',')[0]):.3f}" for line in [*made[10:], *made[:10]]
    ]


@pytest.mark.parametrize("name", ["p.png", "p.html"])
def test_the_plot(files, capsys, name) -> None:
    run(capsys, files / "r.geojson", files / "p.csv", "--plot", files / name)
    if name.endswith(".png"):
        with Image.open(files / name) as image:
            assert image.size == (1200, 1340)
            assert len(image.getcolors(1 << 24)) > 100
    else:
        picture = (files / name).read_text()
        assert picture.count("<circle") > 2 * len(TRUTH)
        for words in ("off the route", "along the route", ">2 km<", "time (UTC), 2027-01-15", ">08:04<"):
            assert words in picture


def test_the_plot_shows_what_was_off_the_route_and_the_stops(files, capsys) -> None:
    lon, lat = PLAIN.point_at(1000)
    stops = [{"name": "医院 <1>", "lon": lon, "lat": lat, "along_m": 1000.0}]
    feature = json.loads(geojson(LINE)) | {"properties": {"stops": stops}}
    (files / "s.geojson").write_text(json.dumps(feature))
    strayed = [f if i < 40 else at(f, north=300) for i, (_, f) in enumerate(TRUTH[:50])]
    (files / "s.csv").write_text(pings([f"{f.t},{f.lat},{f.lon},{f.accuracy_m}" for f in strayed]))
    rows = run(capsys, files / "s.geojson", files / "s.csv", "--plot", files / "s.html")
    picture = (files / "s.html").read_text()
    assert picture.count("1 医院 &lt;1&gt;") == 2  # on the map and in the chart
    assert picture.count("<rect") == 1
    assert f"{sum(row['on_route'] == '0' for row in rows)} off the route" in picture


@pytest.mark.parametrize("name", ["p.png", "p.html"])
@pytest.mark.parametrize("rows", [[], ["0,0,0,"], ["1e300,31.23,121.47,5", "-1e300,-90,180,inf"]])
@pytest.mark.parametrize("mode", [[], ["--offline"]])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_whatever_the_pings_are_a_fraction_is_a_number_and_a_plot_is_drawn(
    files, capsys, name, rows, mode
) -> None:
    (files / "x.csv").write_text(pings(rows))
    told = run(capsys, files / "r.geojson", files / "x.csv", *mode, "--plot", files / name)
    assert all(0 <= float(row["fraction"]) <= 1 for row in told)
    assert len(told) == len(rows)
    assert (files / name).stat().st_size > 1000


def test_stops_that_are_none_are_refused_and_other_properties_left_alone(files, capsys) -> None:
    far = [{"name": "Moon", "lon": 0, "lat": 0}]
    for stops, status in ((far, 1), ("three", 0), ([1, 2], 0), (None, 0), ([], 0)):
        feature = json.loads(geojson(LINE)) | {"properties": {"stops": stops}}
        (files / "s.geojson").write_text(json.dumps(feature))
        assert main(["match", str(files / "s.geojson"), str(files / "p.csv")]) == status
    assert "stop 0 (Moon)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "statuses"), [("match r.geojson p.csv", {141}), ("match --help", {0, 141})]
)
def test_a_reader_that_has_enough_ends_the_command_quietly(files, arguments, statuses) -> None:
    header, *rows = pings().splitlines()
    (files / "p.csv").write_text("\n".join([header, *rows * 64]))  # more than Python keeps before it writes
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments.split()],
        stdout=writing, stderr=subprocess.PIPE, cwd=files, env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode in statuses  # argparse itself may leave out that nobody reads its help


BAD = [
    ("r.shp", "", "p.csv", pings(), "routes are read from"),
    ("x.geojson", "{}", "p.csv", pings(), "holds no route"),
    ("x.geojson", '{"type":"Polygon","coordinates":[]}', "p.csv", pings(), "LineString"),
    ("x.geojson", geojson([[121, 31], [121, 31]]), "p.csv", pings(), "two distinct"),
    ("x.gpx", "<gpx/>", "p.csv", pings(), "neither a route nor a track"),
    ("x.kml", "<kml", "p.csv", pings(), "holds no route"),
    ("x.gpx", '<!DOCTYPE g [<!ENTITY a "b">]><gpx>&a;</gpx>', "p.csv", pings(), "holds no route"),
    ("r.geojson", None, "x.txt", "", "pings are read from"),
    ("r.geojson", None, "x.csv", "lat,lon\n1,2\n", "t_unix"),
    ("r.geojson", None, "x.csv", "t_unix,lat,lon\n1,2,x\n", "line 2"),
    ("r.geojson", None, "x.csv", "t_unix,lat,lon\n1,95,3\n", "line 2"),
    ("r.geojson", None, "x.gpx", '<gpx><trkpt lat="1" lon="2"/></gpx>', "no time"),
]


@pytest.mark.parametrize(("route", "text", "file", "rows", "words"), BAD)
def test_what_cannot_be_read_is_refused_with_its_reason(
    files, capsys, route, text, file, rows, words
) -> None:
    if text is not None:
        (files / route).write_text(text)
    (files / file).write_text(rows)
    assert main(["match", str(files / route), str(files / file)]) == 1
    assert words in capsys.readouterr().err


def test_a_file_that_is_not_there(files, capsys) -> None:
    assert main(["match", str(files / "none.geojson"), str(files / "p.csv")]) == 1
    assert "No such file" in capsys.readouterr().err
    assert main(["match", str(files / "r.kml"), str(files / "p.csv"), "--plot", "x.pdf"]) == 1
    assert ".png or .html" in capsys.readouterr().err
