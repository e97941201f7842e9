"""Many targets from a public service on this machine: nothing is lost, nothing is fetched twice, nobody waits."""

import csv
import json

import pytest

from napari_celle.data.services.gather import gather, plan
from napari_celle.data.services.targets import Target, read_targets
from napari_celle.data.tables.pair_table import read_pairs
from napari_celle.errors import Cancelled, CelleError

BOTH = read_targets("ATL3,TOP1")
ATL3, TOP1 = "ATL3_ENSG00000184743", "TOP1_ENSG00000198900"


def pictures_of(site, gene):
    return sorted(path for path in site.pages if path.endswith("_proj.tif") and f"/{gene}_" in path)


def rows_of(folder):
    with (folder / "data.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_opencell_arrives_in_the_authors_layout(opencell, tmp_path):
    done = gather(opencell, BOTH, tmp_path, limit=None)
    assert (done.table, done.pictures, done.fetched, done.failures) == (tmp_path / "data.csv", 5, 5, ())
    pairs = read_pairs(done.table, size=64)
    assert sorted(len(part) for part in pairs.values()) == [2, 3]
    nucleus, protein = pairs["train"].read(0)
    assert nucleus.shape == protein.shape == (64, 64)
    assert (nucleus != protein).any()
    metadata = json.loads((tmp_path / TOP1 / "metadata.json").read_text())
    assert metadata["sequence"] == "MSGDHLHNDSQIEADFR"
    assert metadata["licence"] == "CC BY-SA 4.0"
    assert metadata["target_name"] == "TOP1"
    assert metadata["locations"] == "er_3;nucleoplasm_1"


def test_the_atlas_arrives_in_the_authors_layout(hpa, site, tmp_path):
    done = gather(hpa, read_targets("TOP1"), tmp_path, limit=None)
    assert (done.pictures, done.failures) == (2, ())
    assert len(read_pairs(done.table, size=64)["train"]) == 2
    sources = json.loads((tmp_path / TOP1 / "sources.json").read_text())
    assert sources["terms"]["page"] == "https://www.proteinatlas.org/about/licence"
    assert sources["offer"]["pictures"][1]["sources"] == [
        f"{site.url}/images/19039/171_C1_2_{colour}.jpg" for colour in ("blue", "green")
    ]


def test_the_second_time_nothing_is_asked_for(opencell, site, tmp_path):
    gather(opencell, BOTH, tmp_path, limit=None)
    table = (tmp_path / "data.csv").read_bytes()
    site.asked.clear()
    done = gather(opencell, BOTH, tmp_path, limit=None)
    assert (done.pictures, done.fetched, site.asked) == (5, 0, [])
    assert (tmp_path / "data.csv").read_bytes() == table


def test_only_what_is_missing_is_fetched(opencell, site, tmp_path):
    gather(opencell, BOTH, tmp_path, limit=1)
    (tmp_path / rows_of(tmp_path)[0]["image_path"]).unlink()
    site.asked.clear()
    done = gather(opencell, BOTH[:1], tmp_path, limit=2)
    assert site.paths() == pictures_of(site, "ATL3")[:2]
    assert (done.pictures, done.fetched) == (3, 2)  # that of the other target is still listed


def test_a_sequence_of_the_list_is_taken(opencell, site, tmp_path):
    gather(opencell, [Target("TOP1", "MKRP")], tmp_path, limit=1)
    assert "/uniprot/P11387.fasta" not in site.paths()
    assert rows_of(tmp_path)[0]["protein_sequence"] == "MKRP"
    gather(opencell, [Target("TOP1", "MKRPAA")], tmp_path, limit=1)
    assert rows_of(tmp_path)[0]["protein_sequence"] == "MKRPAA"


def test_a_split_survives(opencell, tmp_path):
    gather(opencell, BOTH[:1], tmp_path, limit=1)
    row = rows_of(tmp_path)[0]
    with (tmp_path / "data.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*row, "split"])
        writer.writeheader()
        writer.writerow(row | {"split": "val"})
    gather(opencell, BOTH, tmp_path, limit=1)
    assert [(row["split"], row["image_path"][:4]) for row in rows_of(tmp_path)] == [("val", "ATL3"), ("", "TOP1")]


def test_what_cannot_be_had_does_not_cost_the_rest(opencell, site, tmp_path):
    first, second, third = pictures_of(site, "ATL3")
    site.answers[first].extend([(500, {}, None)] * 4)
    site.kinds[second] = "text/html"
    done = gather(opencell, [Target("MYC"), *BOTH], tmp_path, limit=None)
    assert [failure.target.split(",")[0] for failure in done.failures] == ["MYC", "ATL3", "ATL3"]
    reasons = [failure.reason for failure in done.failures]
    assert "no line with the target MYC" in reasons[0]
    assert "500 Internal Server Error" in reasons[1]
    assert "answered with a web page" in reasons[2]
    assert (done.pictures, done.fetched) == (3, 3)
    del site.kinds[second]
    again = gather(opencell, BOTH, tmp_path, limit=None)
    assert (again.pictures, again.fetched, again.failures) == (5, 2, ())
    assert site.paths().count(third) == 1


def test_a_busy_server_is_waited_for(opencell, site, clock, tmp_path):
    first, second, _ = pictures_of(site, "ATL3")
    site.answers[first].append((429, {"Retry-After": "23"}, None))
    site.answers[second].extend([(500, {}, None), (503, {}, None)])
    done = gather(opencell, BOTH, tmp_path, limit=None)
    assert (done.fetched, done.failures) == (5, ())
    assert [wait for wait in clock.waits if wait >= 1] == [23, 1, 2]


def test_a_picture_that_breaks_off_goes_on_where_it_ended(opencell, site, large_tiff, tmp_path):
    first = pictures_of(site, "ATL3")[0]
    site.pages[first] = large_tiff
    site.answers[first].append((200, {}, 600_000))
    assert gather(opencell, BOTH, tmp_path, limit=None).failures == ()
    assert [span for path, span in site.asked if path == first] == [None, "bytes=524288-"]


def test_a_picture_that_cannot_be_finished_is_finished_the_next_time(opencell, site, large_tiff, tmp_path):
    first = pictures_of(site, "ATL3")[0]
    site.pages[first] = large_tiff
    site.answers[first].extend([(200, {}, 600_000), (200, {}, 0)])
    done = gather(opencell, BOTH, tmp_path, limit=None)
    assert ["What has come is kept" in failure.reason for failure in done.failures] == [True]
    assert gather(opencell, BOTH, tmp_path, limit=None).fetched == 1
    assert [span for path, span in site.asked if path == first] == [None, "bytes=524288-", "bytes=524288-"]
    assert (tmp_path / ATL3 / first.rpartition("/")[2]).read_bytes() == large_tiff


def test_a_server_that_goes_away_ends_it_and_what_came_is_listed(opencell, site, tmp_path):
    second = pictures_of(site, "ATL3")[1]
    site.answers[second].append((429, {"Retry-After": "86400"}, None))
    done = gather(opencell, BOTH, tmp_path, limit=None)
    assert [failure.target for failure in done.failures] == ["ATL3"]
    assert "asks to be left alone for 86,400 seconds" in done.failures[0].reason
    assert (done.not_asked, done.pictures) == (("TOP1",), 1)
    assert len(rows_of(tmp_path)) == 1


@pytest.mark.parametrize("stop", [Cancelled, KeyboardInterrupt])
def test_who_stops_keeps_everything(opencell, tmp_path, stop):
    def on_step(stage, done, total):
        if stage.startswith("TOP1"):
            raise stop

    with pytest.raises(stop):
        gather(opencell, BOTH, tmp_path, limit=None, on_step=on_step)
    assert len(rows_of(tmp_path)) == 3
    assert gather(opencell, BOTH, tmp_path, limit=None).fetched == 2


def test_a_protein_without_pictures_is_a_failure(opencell, site, tmp_path):
    (path,) = (path for path in site.pages if "list-type" in path and "TOP1" in path)
    site.pages[path] = b"<ListBucketResult/>"
    done = gather(opencell, read_targets("TOP1"), tmp_path, limit=None)
    assert [failure.reason for failure in done.failures] == ["OpenCell has no pictures of TOP1."]
    assert not done.table.exists()


def test_two_services_do_not_share_a_folder(opencell, hpa, tmp_path):
    gather(opencell, BOTH[:1], tmp_path, limit=1)
    with pytest.raises(CelleError, match=r"holds pictures of OpenCell\. Choose another folder for Human Protein Atlas"):
        gather(hpa, BOTH, tmp_path, limit=1)


def test_notes_that_are_damaged_are_written_anew(opencell, tmp_path):
    gather(opencell, BOTH[1:], tmp_path, limit=1)
    (tmp_path / TOP1 / "sources.json").write_text("{")
    done = gather(opencell, BOTH[1:], tmp_path, limit=1)
    assert (done.pictures, done.fetched) == (1, 0)


def test_a_plan_counts_and_writes_nothing(opencell, site, tmp_path):
    planned = plan(opencell, [*BOTH, Target("MYC")], tmp_path / "new", limit=2)
    size = len(site.pages[pictures_of(site, "TOP1")[0]])
    assert (planned.proteins, planned.pictures, planned.missing, planned.size) == (2, 4, 4, 4 * size)
    assert [failure.target for failure in planned.failures] == ["MYC"]
    assert not (tmp_path / "new").exists()
    gather(opencell, BOTH, tmp_path, limit=1)
    assert plan(opencell, BOTH, tmp_path, limit=2).missing == 2
