"""`medbench endpoint` at a fake of the service: what is up has its name and its command on the screen."""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vertex_cloud import QUOTA, Cloud, FakeTime

from medbench import trust
from medbench.store.deployments import DeploymentBook

DEPLOY = ("endpoint", "deploy", "medgemma-4b", "--accept-eula")


def test_from_deploy_to_undeploy(cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any]) -> None:
    """Price and licence first; minutes and dollars while it comes up; gone to the second at the end."""
    cloud.polls = 100  # 17 minutes at a question each 10 s
    said = medbench(*DEPLOY)
    assert said.code == 0, said.err
    assert "medgemma-1.5-4b-it on g2-standard-12, 1 x L4, us-central1, project my-project." in said.words
    assert "$1.15 an hour from now until it is down, used or not (price of 2026-11-22:" in said.words
    assert "Health AI Developer Foundations terms" in said.words
    assert "medgemma-4b: being put up, 5 min, $0.096" in said.words
    assert re.search(r"up after 16 min, \$0\.3[12]\d? so far", said.words)
    (deployment,) = DeploymentBook().open()
    assert deployment.state == "up"
    assert deployment.seconds(fake_time.now()) == 1000
    assert {each["displayName"] for each in cloud.endpoints.values()} == {deployment.name}

    again = medbench(*DEPLOY)
    assert again.code == 0
    assert "is up already" in again.words
    assert len(cloud.endpoints) == 1

    status = medbench("endpoint", "status")
    assert re.search(r"up, 16 min, \$0\.3[12]\d? so far \(\$1\.15 an hour\)", status.words)
    assert deployment.name in status.words
    assert f"medbench endpoint undeploy {deployment.name}" in status.words
    fake_time.at += dt.timedelta(seconds=440)
    down = medbench("endpoint", "undeploy", "medgemma-4b")
    assert down.code == 0, down.err
    assert "medgemma-4b is down: up 24 min" in down.words
    assert cloud.is_empty
    (gone,) = DeploymentBook().all()
    assert gone.ended == fake_time.now()
    assert medbench("endpoint", "undeploy", "medgemma-4b").code == 0
    assert "Nothing is up" in medbench("endpoint", "list").words


def test_without_consent_nothing_is_put_up(cloud: Cloud, medbench: Callable[..., Any]) -> None:
    """No terminal to ask at: the flag is named, and the service was asked for its options alone."""
    said = medbench("endpoint", "deploy", "medgemma-4b")
    assert said.code == 2
    assert "--accept-eula" in said.err
    assert cloud.is_empty
    assert not [line for line in cloud.log if line.startswith("POST")]
    assert DeploymentBook().all() == []


@pytest.mark.usefixtures("fake_time")
@pytest.mark.parametrize("says", ["n", "y"])
def test_a_person_is_asked(
    cloud: Cloud, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    """At a terminal: the price is shown before the question, and only 'y' puts anything up."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(f"{says}\n"))
    said = medbench("endpoint", "deploy", "medgemma-4b")
    assert said.err.index("$1.15 an hour") < said.err.index("Go on? [y/N]")
    assert said.code == (0 if says == "y" else 2), said.err
    assert cloud.is_empty == (says == "n")


@pytest.mark.usefixtures("cloud")
def test_what_is_missing_is_said_with_the_line_that_puts_it_up(medbench: Callable[..., Any]) -> None:
    """A run on a model without an endpoint, and the list of models, name `endpoint deploy`."""
    assert "medbench endpoint deploy NAME" in medbench("models").words
    said = medbench("run", "phantom-40", "-m", "medgemma-4b", "--limit", "1")
    assert said.code == 2
    assert "medbench endpoint deploy medgemma-4b " in said.words


@pytest.mark.usefixtures("cloud")
def test_a_dry_run_lists_what_the_service_offers(medbench: Callable[..., Any]) -> None:
    """Machines and containers of its own list; nothing is put up."""
    said = medbench("endpoint", "deploy", "medgemma-4b", "--dry-run")
    assert said.code == 0, said.err
    assert "g2-standard-12, 1 x L4 *" in said.words
    assert "a3-highgpu-1g, 1 x H100 80GB" in said.words
    assert "pytorch-vllm-serve:20250430_0916" in said.words
    assert "Nothing was put up." in said.words


@pytest.mark.usefixtures("fake_time")
def test_no_price_no_deployment(cloud: Cloud, medbench: Callable[..., Any]) -> None:
    """Another machine than the price is of: a price is asked for, and where it is from."""
    line = (*DEPLOY, "--machine", "g2-standard-24")
    said = medbench(*line)
    assert said.code == 2
    assert "what an hour of g2-standard-24, 2 x L4 costs is not known" in said.words
    assert "--price-source" in said.words
    assert medbench(*line, "--price", "2.3").code == 2
    good = medbench(*line, "--price", "2.3", "--price-source", "Google's list")
    assert good.code == 0, good.err
    assert "$2.30 an hour" in good.words
    assert "Google's list" in good.words
    assert cloud.bodies[-1][1]["deployConfig"]["dedicatedResources"]["machineSpec"]["acceleratorCount"] == 2
    other = medbench(*DEPLOY[:3], "--dry-run", "--machine", "n1-standard-8")
    assert "does not offer machine 'n1-standard-8'" in other.words
    assert "g2-standard-12 | g2-standard-24 | a3-highgpu-1g" in other.words


@pytest.mark.parametrize("where", ["create", "operation"])
@pytest.mark.usefixtures("fake_time")
def test_a_quota_of_zero_is_explained(cloud: Cloud, medbench: Callable[..., Any], where: str) -> None:
    """In words, with the page where more is asked for; nothing is left of it, here or there."""
    if where == "create":
        cloud.fault("POST", ":deploy$", 429)
    else:
        cloud.fails = {"code": 8, "message": QUOTA}
    said = medbench(*DEPLOY)
    assert said.code == 1
    assert "the quota of a new project is 0" in said.words
    assert "console.cloud.google.com/iam-admin/quotas?project=my-project" in said.words
    assert ("GPUs of kind L4" in said.words) == (where == "operation")
    assert cloud.is_empty
    assert DeploymentBook().open() == []


def test_a_deployment_that_takes_too_long_has_its_name(
    cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any]
) -> None:
    """Two hours: it is named with the command; undeploy cancels and removes it, and hours are counted."""
    cloud.polls = 10_000
    said = medbench(*DEPLOY)
    assert said.code == 3
    (deployment,) = DeploymentBook().open()
    assert f"medbench endpoint undeploy {deployment.name}" in said.words
    assert not cloud.is_empty
    down = medbench("endpoint", "undeploy", deployment.name)
    assert down.code == 0, down.err
    assert cloud.is_empty
    (gone,) = DeploymentBook().all()
    assert (
        gone.seconds(fake_time.now()) == (gone.ended or fake_time.now()).timestamp() - gone.began.timestamp()
    )
    assert gone.seconds(fake_time.now()) > 7200


@pytest.mark.usefixtures("fake_time")
def test_a_deployment_that_cannot_be_cancelled_is_not_called_gone(
    cloud: Cloud, medbench: Callable[..., Any]
) -> None:
    """It still runs at the service: exit 3 with its name, and the same line finishes once it has ended."""
    cloud.polls, cloud.no_cancel = 10_000, True
    medbench(*DEPLOY)
    said = medbench("endpoint", "undeploy")
    assert said.code == 3
    (deployment,) = DeploymentBook().open()
    assert deployment.name in said.err
    assert f"medbench endpoint undeploy {deployment.name}" in said.words
    for work in cloud.operations.values():
        work.polls = 0
    assert medbench("endpoint", "undeploy").code == 0
    assert cloud.is_empty
    assert DeploymentBook().open() == []


@pytest.mark.usefixtures("fake_time")
def test_an_answer_that_never_came_is_found_by_its_name(cloud: Cloud, medbench: Callable[..., Any]) -> None:
    """The call to deploy went through, its reply was lost: the name and the command are on the screen."""
    cloud.fault("POST", ":deploy$", 0)
    said = medbench(*DEPLOY)
    assert said.code == 3
    (deployment,) = DeploymentBook().open()
    assert deployment.operation is None
    assert f"medbench endpoint undeploy {deployment.name}" in said.words
    left = medbench("endpoint", "undeploy")
    assert left.code == 3, "it is coming up, and cannot be removed yet"
    assert deployment.name in left.err
    for work in cloud.operations.values():
        work.end()
    listed = medbench("endpoint", "list")
    assert deployment.name in listed.words
    assert "endpoint 100" in listed.words
    assert medbench("endpoint", "undeploy").code == 0
    assert cloud.is_empty


def test_a_lost_request_is_not_called_gone_at_once(
    cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any]
) -> None:
    """A gateway's 502, and nothing of the name there: it may still come; after 45 minutes it is closed."""
    cloud.fault("POST", ":deploy$", 502)
    assert medbench(*DEPLOY).code == 3
    assert medbench("endpoint", "undeploy").code == 3
    fake_time.at += dt.timedelta(hours=1)
    assert medbench("endpoint", "status").code == 0
    assert DeploymentBook().open() == []
    assert DeploymentBook().all()[0].usd(fake_time.now()) == 0


@pytest.mark.usefixtures("fake_time")
def test_what_others_put_up_is_never_taken_down(cloud: Cloud, medbench: Callable[..., Any]) -> None:
    """Names that are not whole names of ours are refused; `undeploy` alone takes its own only."""
    cloud.put_up("production-medgemma")
    cloud.put_up("medbench-production")
    assert medbench(*DEPLOY).code == 0
    for name in ("production-medgemma", "medbench-production", "1001"):
        said = medbench("endpoint", "undeploy", name)
        assert said.code == 2
        assert "what it did not put up it never takes down" in said.words
    assert medbench("endpoint", "undeploy").code == 0
    assert {each["displayName"] for each in cloud.endpoints.values()} == {
        "production-medgemma",
        "medbench-production",
    }
    assert "production" not in medbench("endpoint", "list").words


@pytest.mark.usefixtures("fake_time")
def test_what_was_put_up_elsewhere_is_listed_and_goes_by_its_whole_name(
    cloud: Cloud, medbench: Callable[..., Any]
) -> None:
    """Another machine's book has it: it is shown, no `undeploy` alone takes it, its whole name does."""
    name = "medbench-medgemma-4b-20261101-080000-abcdef"
    cloud.put_up(name)
    listed = medbench("endpoint", "list")
    assert name in listed.words
    assert f"medbench endpoint undeploy {name}" in listed.words
    assert medbench("endpoint", "undeploy").code == 0
    assert not cloud.is_empty
    assert medbench("endpoint", "undeploy", name).code == 0
    assert cloud.is_empty


def test_for_a_time(cloud: Cloud, fake_time: FakeTime, medbench: Callable[..., Any]) -> None:
    """--for 2h: it answers to a picture, stays, and is down two hours after it was asked for."""
    said = medbench(*DEPLOY, "--for", "2h")
    assert said.code == 0, said.err
    assert cloud.is_empty
    assert cloud.asked == 3, "two calls were answered with 503 while weights were loading"
    (gone,) = DeploymentBook().all()
    assert 7200 <= gone.seconds(fake_time.now()) < 7260
    assert "medgemma-4b is down: up 2 h 0 min, $2.3" in said.words
    assert medbench(*DEPLOY, "--for", "soon").code == 2


@pytest.mark.usefixtures("fake_time")
def test_removed_by_hand_is_noticed(cloud: Cloud, medbench: Callable[..., Any]) -> None:
    """Somebody deleted it in the console: status says so and closes it."""
    assert medbench(*DEPLOY).code == 0
    cloud.endpoints.clear()
    cloud.models.clear()
    said = medbench("endpoint", "status")
    assert "gone" in said.words
    assert "removed by something else" in said.words
    assert DeploymentBook().open() == []


@pytest.mark.parametrize(
    "keys",
    [
        'project = "evil"',
        'location = "evil-east1"',
        'publisher_model = "publishers/evil/models/x@1"',
        'base_url = "http://127.0.0.1:9"',
        'licence = "none"',
        'needs = ""',
    ],
)
@pytest.mark.usefixtures("fake_time")
def test_a_file_that_is_not_trusted_puts_nothing_up_and_leads_nowhere_else(
    cloud: Cloud, medbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    """Whatever it changes of the model: no call, no book, and the line that trusts it is said."""
    monkeypatch.setattr("medbench.config.state_of", trust.state_of)
    (tmp_path / "medbench.toml").write_text(f"[models.medgemma-4b]\n{keys}\n")
    for line in (DEPLOY, (*DEPLOY, "--for", "1h"), (*DEPLOY[:3], "--dry-run")):
        said = medbench(*line)
        assert said.code == 2
        assert "medbench trust" in said.words
    assert cloud.log == []
    assert DeploymentBook().all() == []
    medbench("endpoint", "list")
    assert all("/projects/my-project/locations/us-central1/" in line for line in cloud.log)


@pytest.mark.usefixtures("fake_time")
def test_a_price_that_anybody_may_set_is_shown_with_its_source(
    medbench: Callable[..., Any], cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices need no trust; what is shown before the question says where this one is from."""
    monkeypatch.setattr("medbench.config.state_of", trust.state_of)
    (tmp_path / "medbench.toml").write_text(
        "[models.medgemma-4b]\nprice = { gpu_hour = 0.01 }\n", encoding="utf-8"
    )
    said = medbench(*DEPLOY)
    assert said.code == 2
    assert "the price of 'medgemma-4b' has no date or no source" in said.words
    assert cloud.is_empty
    (tmp_path / "medbench.toml").write_text(
        '[models.medgemma-4b]\nprice = { gpu_hour = 0.01, date = 2026-11-29, source = "trust me" }\n'
    )
    assert "$0.01 an hour from now until it is down, used or not (price of 2026-11-29: medbench.toml, " in (
        medbench(*DEPLOY[:3], "--dry-run").words
    )


def test_an_endpoint_of_the_users_own_is_left_alone(
    cloud: Cloud, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """medbench.toml names one: deploy refuses, and undeploy does not know it."""
    endpoint = cloud.put_up("mine")
    (tmp_path / "medbench.toml").write_text(f'[models.medgemma-4b]\nendpoint = "{endpoint}"\n')
    said = medbench(*DEPLOY)
    assert said.code == 2
    assert "medbench did not put up and leaves alone" in said.words
    assert medbench("endpoint", "undeploy").code == 0
    assert list(cloud.endpoints) == [endpoint]
