from __future__ import annotations

import ast
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import boto3
import botocore.loaders
import botocore.session
import pytest
from botocore.loaders import JSONFileLoader
from moto import mock_aws

from controller.aws import sessions
from controller.aws.clients import BotoClients
from controller.aws.rekognition import Models
from controller.aws.retries import RetryConfig
from controller.config.model import Target
from controller.errors import AwsError, TerminalError

HERE = Target(region="us-east-1")
ROLE = "arn:aws:iam::210987654321:role/pipeline"
ASSUMED = "arn:aws:sts::210987654321:assumed-role/pipeline/rekognition-scheduler"
THERE = Target(region="eu-west-1", role_arn=ROLE, external_id="x-42")
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/logos/version/v1/1768468215000"

EVERY_MODULE = """
import sys
import controller.aws.calls, controller.aws.clients, controller.aws.remedies
import controller.aws.mapping, controller.aws.queue, controller.aws.rekognition
print(sorted({"boto3", "botocore", "urllib3"} & set(sys.modules)))
"""


def test_importing_the_adapters_does_not_import_boto3():
    command = [sys.executable, "-c", EVERY_MODULE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own text
    assert done.stdout.strip() == "[]"


class TestConfiguration:
    def test_retries_and_timeouts_are_pinned(self, monkeypatch):
        monkeypatch.setenv("AWS_RETRY_MODE", "legacy")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "9")
        config = BotoClients()("rekognition", HERE).meta.config
        assert config.retries["mode"] == "standard"
        assert config.retries["total_max_attempts"] == 3
        assert (config.connect_timeout, config.read_timeout) == (3.0, 10.0)

    def test_patience_can_be_less(self):
        patience = RetryConfig(attempts=1, connect_timeout_s=0.5, read_timeout_s=0.25)
        config = BotoClients(patience)("sqs", HERE).meta.config
        assert (config.retries["total_max_attempts"], config.connect_timeout, config.read_timeout) == (
            1,
            0.5,
            0.25,
        )

    def test_the_region_is_the_targets(self, monkeypatch):
        monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
        assert BotoClients()("lambda", Target(region="eu-west-1")).meta.region_name == "eu-west-1"

    def test_a_profile_gives_its_credentials(self, monkeypatch, tmp_path):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        (tmp_path / "credentials").write_text(
            "[ana]\naws_access_key_id = HERS\naws_secret_access_key = fake\n"
        )
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        monkeypatch.setenv("AWS_PROFILE", "ana")
        client = BotoClients()("sqs", HERE)
        assert client._request_signer._credentials.access_key == "HERS"

    def test_an_endpoint_of_the_environment_is_used(self, monkeypatch):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
        assert BotoClients()("sqs", HERE).meta.endpoint_url == "http://127.0.0.1:4566"


class TestSharing:
    def test_a_client_is_made_once_per_service_and_target(self):
        clients = BotoClients()
        assert clients("sqs", HERE) is clients("sqs", Target(region="us-east-1"))

    @pytest.mark.parametrize(
        ("service", "target"),
        [
            pytest.param("lambda", HERE, id="service"),
            pytest.param("sqs", Target(region="eu-west-1"), id="region"),
            pytest.param("sqs", Target(region="us-east-1", role_arn=ROLE), id="role"),
            pytest.param("sqs", Target(region="us-east-1", role_arn=ROLE, external_id="x"), id="external id"),
        ],
    )
    def test_another_service_or_target_has_another_client(self, service, target):
        clients = BotoClients()
        assert clients(service, target) is not clients("sqs", HERE)

    @pytest.mark.parametrize("target", [HERE, THERE], ids=["own", "role"])
    def test_threads_that_ask_at_once_share_one_client(self, target):
        clients, together = BotoClients(), Barrier(8)

        def ask(_):
            together.wait(timeout=10)
            return clients("sqs", target)

        with ThreadPoolExecutor(8) as pool:
            assert len(set(map(id, pool.map(ask, range(8))))) == 1


class TestComplaints:
    """What boto3 cannot use leaves as an ``AwsError`` that names the service and the region."""

    @pytest.mark.parametrize(
        ("variables", "region", "code"),
        [
            ({"AWS_PROFILE": "nobody"}, "us-east-1", "ProfileNotFound"),
            ({"AWS_ENDPOINT_URL": "localhost:4566"}, "us-east-1", "InvalidConfiguration"),
            ({}, "us east 1", "InvalidRegionError"),
        ],
        ids=["profile", "endpoint", "region"],
    )
    @pytest.mark.parametrize("role", [None, ROLE], ids=["own", "role"])
    def test_a_configuration_that_cannot_be_used_is_terminal(
        self, monkeypatch, variables, region, code, role
    ):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(TerminalError) as caught:
            BotoClients()("sqs", Target(region=region, role_arn=role))
        assert (caught.value.code, caught.value.resource) == (code, region)
        assert caught.value.call.endswith(":CreateClient")

    def test_a_file_that_cannot_be_parsed_is_terminal(self, monkeypatch, tmp_path):
        (tmp_path / "config").write_text("no section\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        with pytest.raises(TerminalError, match="sqs:CreateClient on us-east-1: ConfigParseError"):
            BotoClients()("sqs", HERE)

    def test_no_client_is_kept_of_a_failure(self, monkeypatch):
        clients = BotoClients()
        monkeypatch.setenv("AWS_PROFILE", "nobody")
        with pytest.raises(AwsError):
            clients("sqs", HERE)
        monkeypatch.delenv("AWS_PROFILE")
        assert clients("sqs", HERE).meta.region_name == "us-east-1"

    def test_missing_credentials_are_named_with_the_call(self, monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(TerminalError) as caught:
            Models(BotoClients()("rekognition", HERE)).stop(VERSION)
        assert caught.value.call.split(":") == ["rekognition", "StopProjectVersion"]
        assert caught.value.code == "NoCredentialsError"

    def test_missing_credentials_for_a_role_are_named_with_the_role(self, monkeypatch):
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(TerminalError) as caught:
            Models(BotoClients()("rekognition", THERE)).stop(VERSION)
        assert (caught.value.call, caught.value.resource, caught.value.code) == (
            "sts:AssumeRole",
            ROLE,
            "NoCredentialsError",
        )


class TestRoles:
    def test_a_target_with_a_role_acts_as_it(self):
        with mock_aws():
            identity = BotoClients()("sts", THERE).get_caller_identity()
        assert identity["Arn"] == ASSUMED

    def test_a_target_without_one_acts_as_oneself(self):
        with mock_aws():
            theirs, ours = BotoClients()("sts", HERE).get_caller_identity(), boto3.client("sts", "us-east-1")
            assert theirs["Arn"] == ours.get_caller_identity()["Arn"]


def called_methods() -> set[str]:
    """Of clients, in all adapters."""
    found = set()
    for path in (Path(sessions.__file__).parent).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="_client"), attr="get_paginator")):
                    found.add(node.args[0].value)
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="_client"), attr=method)):
                    found.add(method)
    return found


OF_OUR_OWN_ACCOUNT = {
    *("describe_stacks", "get_bucket_versioning", "get_object", "list_object_versions", "put_events"),
    "put_object",
}
"""The configuration, the stack and the bus are those of the account in which the controller runs."""


def test_a_role_has_each_method_that_an_adapter_calls_there_and_no_other():
    assert called_methods() - OF_OUR_OWN_ACCOUNT == sessions.USED - {"assume_role"}
    rekognition = BotoClients()("rekognition", THERE)
    assert callable(rekognition.describe_project_versions)
    assert not hasattr(rekognition, "delete_project_version")
    assert hasattr(BotoClients()("rekognition", HERE), "delete_project_version")


def test_the_models_of_the_services_are_in_memory_once_for_all_roles(monkeypatch):
    monkeypatch.setattr(botocore.session, "create_loader", botocore.loaders.create_loader)
    opened = []
    load_file = JSONFileLoader.load_file

    def load(self, path):
        opened.append(str(path))
        return load_file(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", load)
    clients = BotoClients()
    for number in range(3):
        role = replace(THERE, role_arn=f"arn:aws:iam::{number:012}:role/pipeline")
        for service in ("rekognition", "lambda"):
            clients(service, role)
    models = [path for path in opened if path.endswith("/service-2") and "/rekognition/" in path]
    assert len(models) == 1


def verified_by(client) -> object:
    return client._endpoint.http_session._verify


STARFIELD = "Starfield Services Root Certificate Authority - G2"


class TestCertificates:
    @pytest.fixture(autouse=True)
    def _bare(self, monkeypatch):
        for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)

    @pytest.mark.parametrize("target", [HERE, THERE])
    def test_amazons_own_roots_verify_its_endpoints(self, target):
        assert verified_by(BotoClients()("sqs", target)) == str(sessions._ROOTS)

    def test_they_are_the_five_of_amazon_and_valid_for_years(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(sessions._ROOTS)
        names = [dict(part[0] for part in each["subject"])["commonName"] for each in context.get_ca_certs()]
        assert names == [*(f"Amazon Root CA {number}" for number in range(1, 5)), STARFIELD]
        ends = [ssl.cert_time_to_seconds(each["notAfter"]) for each in context.get_ca_certs()]
        assert min(ends) > datetime(2037, 1, 1, tzinfo=UTC).timestamp()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("AWS_CA_BUNDLE", "/corporate.pem"),
            ("HTTPS_PROXY", "http://proxy:3128"),
            ("AWS_ENDPOINT_URL", "https://localhost:4566"),
            ("AWS_ENDPOINT_URL_SQS", "https://localhost:4566"),
        ],
    )
    def test_a_configuration_of_ones_own_is_stronger(self, monkeypatch, name, value):
        monkeypatch.setenv(name, value)
        found = verified_by(BotoClients()("sqs", HERE))
        assert found == (value if name == "AWS_CA_BUNDLE" else True)

    @pytest.mark.parametrize("line", ["ca_bundle = /corporate.pem", "endpoint_url = https://localhost:4566"])
    def test_so_is_that_of_a_configuration_file(self, monkeypatch, tmp_path, line):
        (tmp_path / "config").write_text(f"[default]\n{line}\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        assert verified_by(BotoClients()("sqs", HERE)) != str(sessions._ROOTS)

    @pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
    def test_other_partitions_may_have_other_authorities(self, region):
        assert verified_by(BotoClients()("sqs", Target(region=region))) is True
