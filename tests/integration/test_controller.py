# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX and Automation Controller get: their modules take it, and so do the rules of their source."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from integration.awx_api import TOKEN, playing
from integration.controller import PROJECT, ROLE, ROOT, data, inject, refuse_type
from integration.harness import BUNDLE, CORE, NOISE, Ansible, Json, Run
from jinja2 import UndefinedError

DATA = data()
TYPES = DATA["automation_controller_credential_types"]
TEMPLATES = {each["name"].rpartition("}} ")[2]: each for each in DATA["automation_controller_job_templates"]}
TASKS: list[Json] = yaml.safe_load((ROLE / "tasks/main.yml").read_text("utf-8"))


# -- modules ----------------------------------------------------------------------------------------------------------


def module_documentation(name: str) -> Json:
    """The documentation of a module of awx.awx, as the bundle has it."""
    path = BUNDLE / "ansible_collections" / "awx" / "awx" / "plugins" / "modules" / f"{name}.py"
    text = re.search(r"""DOCUMENTATION = r?(?:\'{3}|"{3})(.*?)(?:\'{3}|"{3})""", path.read_text("utf-8"), re.DOTALL)
    assert text is not None
    return t.cast("Json", yaml.safe_load(text[1]))


@pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])
def test_modules_have_every_option(task: Json) -> None:
    collection, _dot, module = task["action"].rpartition(".")
    assert collection == "{{ automation_controller_collection }}"
    options = module_documentation(module)["options"]
    assert task["args"].keys() <= options.keys()
    assert {name for name, option in options.items() if option.get("required")} <= task["args"].keys()
    literal = {name: value for name, value in task["args"].items() if isinstance(value, str) and "{{" not in value}
    assert not [name for name, value in literal.items() if value not in options[name].get("choices", [value])]


def setup(ansible: Ansible, url: str, *, token: str = TOKEN, **variables: t.Any) -> Run:
    """Run the playbook as it is installed, with the modules of the bundle."""
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": f"{os.environ['ANSIBLE_COLLECTIONS_PATH']}{os.pathsep}{BUNDLE}",
        "CONTROLLER_HOST": url,
        "CONTROLLER_OAUTH_TOKEN": token,
        **dict.fromkeys(("http_proxy", "HTTP_PROXY", "ALL_PROXY"), ""),
    }
    # ansible-core 2.18 warns of names of modules that only the run makes.
    noise = [each for each in NOISE if each != "[WARNING]" or CORE >= (2, 19)]
    return ansible.playbook(
        "configmgr.tenant_attach.awx_setup", environment=environment, variables=variables, noise=noise
    )


def test_playbook_refuses_to_go_on_without_a_repository(ansible: Ansible) -> None:
    run = setup(ansible, "http://127.0.0.1:9")
    assert (run.status, run.recap["failed"]) == (2, 1)
    assert "missing required arguments: automation_controller_scm_url" in run.output


def test_playbook_defines_all_and_then_changes_nothing(ansible: Ansible) -> None:
    secret = "canary-of-the-controller"
    given = {
        "automation_controller_scm_url": "https://git.contoso.com/infra/tenant-attach.git",
        "automation_controller_credentials": {"graph": {"tenant_id": "T", "client_id": "C", "client_secret": secret}},
    }
    with playing() as (url, store):
        first = setup(ansible, url, **given)
        assert first.status == 0, first.output
        names = {kind: {each.get("name") for each in store.all(kind)} for kind in store.kinds}
        assert names["job_templates"] == {f"Tenant attach {name}" for name in TEMPLATES}
        assert names["workflow_job_templates"] == {"Tenant attach onboarding", "Tenant attach sliced scan"}
        assert names["schedules"] == {"Tenant attach drift", "Tenant attach sliced scan"}
        assert names["workflow_approval_templates"] == {"Put it right"}
        assert len(names["credential_types"]) == len(TYPES)
        # The controller's templates reach it as they are written.
        (kind,) = (each for each in store.all("credential_types") if each["name"].endswith("AdminService"))
        assert kind["injectors"] == TYPES["adminservice"]["injectors"]
        (scan,) = (each for each in store.all("job_templates") if each["name"].endswith("scan"))
        directory = json.loads(scan["extra_vars"])["tenant_attach_report_dir"]
        assert directory == "{{ tenant_attach_storage }}/slices/{{ awx_job_id | default(tower_job_id) }}"
        steps = {each["id"]: each["identifier"] for each in store.all("workflow_job_template_nodes")}
        links = {
            (steps[int(path.split("/")[4])], path.split("/")[5], steps[each])
            for path, linked in store.links.items()
            for each in linked
            if path.endswith("_nodes/")
        }
        assert links == {
            ("readiness", "failure_nodes", "preview"),
            ("preview", "success_nodes", "approval"),
            ("approval", "success_nodes", "enforce"),
            ("enforce", "success_nodes", "readiness_again"),
            ("scan", "always_nodes", "report"),
        }
        (graph,) = (each for each in store.all("credentials") if each["name"].endswith("Microsoft Graph"))
        assert graph["inputs"]["client_secret"] == secret
        assert secret not in first.output
        store.writes.clear()
        second = setup(ansible, url, **given)
        assert (second.status, store.writes, second.recap["changed"]) == (0, [], 0), second.output


def test_playbook_says_what_the_controller_refuses(ansible: Ansible) -> None:
    repository = {"automation_controller_scm_url": "https://git.contoso.com/infra/tenant-attach.git"}
    broken = {
        "name": "Broken",
        "description": "",
        "inputs": {"fields": [{"id": "a b", "label": "A"}]},
        "injectors": {"env": {}},
    }
    with playing() as (url, store):
        run = setup(ansible, url, **repository, automation_controller_credential_types={"adminservice": broken})
        assert (run.status, run.recap["failed"]) == (2, 1)
        assert "Unable to create credential type Broken" in run.output
        assert not store.all("credential_types")
        stranger = setup(ansible, url, token="nobody", **repository)
        assert (stranger.status, "Invalid authentication credentials" in stranger.output) == (2, True)


# -- credential types -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TYPES)
def test_controller_takes_the_credential_type(name: str) -> None:
    refuse_type(TYPES[name]["inputs"], TYPES[name]["injectors"])


@pytest.mark.parametrize(
    ("place", "broken"), [("env", "{{ usrname }}"), ("env", "{{ tower.filename.key }}"), ("file", "{{ cert }}")]
)
def test_controller_refuses_a_type_that_names_what_is_not_there(place: str, broken: str) -> None:
    kind = TYPES["adminservice"]
    name = "X" if place == "env" else "template.ca"
    injectors = {**kind["injectors"], place: {**kind["injectors"][place], name: broken}}
    with pytest.raises(UndefinedError):
        refuse_type(kind["inputs"], injectors)


@pytest.mark.parametrize("name", TYPES)
def test_secrets_are_secret_and_reach_the_environment(name: str, tmp_path: Path) -> None:
    fields = {field["id"]: field for field in TYPES[name]["inputs"]["fields"]}
    for key, field in fields.items():
        hidden = key in {"password", "token", "client_secret", "certificate", "certificate_password"}
        assert field.get("secret", False) is hidden
    environment = inject(TYPES[name], {key: f"value of {key}" for key in fields}, tmp_path)
    files = [path.read_text("utf-8") for path in tmp_path.iterdir()]
    for key in fields:
        assert f"value of {key}" in (*environment.values(), *files)
    # What is left empty says nothing: a variable that named an empty file would be an error.
    empty = inject(TYPES[name], {}, tmp_path)
    assert {value for value in empty.values() if value} <= {"kerberos", "public"}


@pytest.mark.parametrize("name", ["adminservice", "graph"])
def test_modules_read_the_variables(name: str) -> None:
    texts = [(ROOT / "plugins" / "doc_fragments" / f"{each}.py").read_text("utf-8") for each in (name, "connection")]
    known = {variable for text in texts for variable in re.findall(r"E\((\w+)\)", text)}
    assert TYPES[name]["injectors"]["env"].keys() <= known


# -- surveys, workflows, project --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, each in TEMPLATES.items() if "survey_spec" in each])
def test_controller_takes_the_survey(name: str) -> None:
    survey = TEMPLATES[name]["survey_spec"]
    kinds = {"text": str, "textarea": str, "integer": int, "multiplechoice": str}
    assert survey.keys() == {"name", "description", "spec"}
    shared = DATA["__automation_controller_fail_on"]
    questions = [shared if isinstance(each, str) else each for each in survey["spec"]]
    assert len({each["variable"] for each in questions}) == len(questions) > 0
    for each in questions:
        assert {"question_name", "variable", "type", "required", "default"} <= each.keys()
        assert isinstance(each["default"], kinds[each["type"]])
        assert isinstance(each["required"], bool)
        assert each["default"] in each.get("choices", [each["default"]])
        # Nobody answers a scheduled job: the default has to do.
        assert each["default"] != "" or not each["required"]


def test_surveys_ask_for_variables_of_the_playbooks() -> None:
    playbooks = "".join(path.read_text("utf-8") for path in (ROOT / "playbooks").glob("*.yml"))
    roles = "".join(path.read_text("utf-8") for path in (ROOT / "roles").glob("*/defaults/main.yml"))
    roles += "".join(path.read_text("utf-8") for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
    asked = {
        question["variable"]
        for template in TEMPLATES.values()
        for question in template.get("survey_spec", {}).get("spec", [])
        if isinstance(question, dict)
    }
    given = {name for template in TEMPLATES.values() for name in template.get("extra_vars", {})}
    own = {"tenant_attach_storage"}
    assert not [name for name in asked | (given - own) if not re.search(rf"\b{name}\b", playbooks + roles)]


def test_steps_of_workflows_are_there_and_end() -> None:
    for workflow in DATA["automation_controller_workflows"]:
        nodes = {node["identifier"]: node for node in workflow["nodes"]}
        assert len(nodes) == len(workflow["nodes"])
        after = {
            name: [n for link in ("on_success", "on_failure", "always") for n in node.get(link, ())]
            for name, node in nodes.items()
        }
        reached = [workflow["nodes"][0]["identifier"]]
        for name in reached:
            reached += after[name]
        # Each is reached once: no step is lost, and none comes again.
        assert sorted(reached) == sorted(nodes)
        for node in nodes.values():
            assert ("run" in node) != ("approve" in node)
            assert node.get("run", "enforce") in TEMPLATES
            # A job type is only taken where the template asks for one.
            assert "job_type" not in node or TEMPLATES[node["run"]]["ask_job_type_on_launch"]
    onboarding = {node["identifier"]: node for node in DATA["automation_controller_workflows"][0]["nodes"]}
    # Nothing is changed that nobody has approved.
    before = [name for name, node in onboarding.items() if "enforce" in node.get("on_success", ())]
    assert before == ["approval"]
    assert {name for name, node in onboarding.items() if node.get("job_type") == "run"} == {"enforce"}


def test_schedules_recur() -> None:
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text("utf-8"))
    names = {each["name"] for part in ("job_templates", "workflows") for each in DATA[f"automation_controller_{part}"]}
    for schedule in DATA["automation_controller_schedules"]:
        assert schedule["unified_job_template"] in names
        rule = defaults[schedule["rrule"].strip("{ }")]
        assert re.fullmatch(r"DTSTART;TZID=[\w/]+:\d{8}T\d{6} RRULE:FREQ=\w+;INTERVAL=\d+(;\w+=[\w,]+)*", rule)


def test_project_has_a_playbook_for_each_template() -> None:
    for template in TEMPLATES.values():
        (play,) = yaml.safe_load((PROJECT / template["playbook"]).read_text("utf-8"))
        namespace, name, playbook = play["ansible.builtin.import_playbook"].split(".")
        assert (namespace, name) == ("configmgr", "tenant_attach")
        assert (ROOT / "playbooks" / f"{playbook}.yml").is_file()


def test_no_playbook_asks() -> None:
    for path in (*(ROOT / "playbooks").glob("*.yml"), *(ROOT / "roles").glob("*/tasks/*.yml")):
        assert not re.search(r"vars_prompt|\bpause:", path.read_text("utf-8")), path


# -- execution environment --------------------------------------------------------------------------------------------


def test_builder_makes_the_context(ansible: Ansible, tmp_path: Path) -> None:
    definition = ROOT / "docs" / "awx" / "execution-environment" / "execution-environment.yml"
    options = ("--file", str(definition), "--context", str(tmp_path), "--output-filename", "Containerfile")
    run = ansible.command("ansible-builder", "create", *options)
    assert run.status == 0, run.output
    base = yaml.safe_load(definition.read_text("utf-8"))["images"]["base_image"]["name"]
    name, _colon, tag = base.partition(":")
    assert name
    assert tag not in {"", "latest"}
    containerfile = (tmp_path / "Containerfile").read_text("utf-8")
    assert f'ARG EE_BASE_IMAGE="{base}"' in containerfile
    # Requirements of collections are looked up in the image, by this step.
    assert "introspect.py introspect" in containerfile
    assert "name: configmgr.tenant_attach" in (tmp_path / "_build" / "requirements.yml").read_text("utf-8")
    assert "pypsrp[kerberos]" in (tmp_path / "_build" / "requirements.txt").read_text("utf-8")


def test_builder_finds_what_the_collection_needs(ansible: Ansible) -> None:
    assert importlib.util.find_spec("ansible_builder"), f"ansible-builder is not installed for {sys.executable}"
    run = ansible.command("ansible-builder", "introspect", os.environ["ANSIBLE_COLLECTIONS_PATH"])
    assert run.status == 0, run.output
    found = yaml.safe_load(run.output)
    lines = {kind: {line.partition("  #")[0] for line in found[kind]} for kind in ("python", "system")}
    for file in ("requirements.txt", "requirements-kerberos.txt"):
        declared = [line.partition("#")[0].strip() for line in (ROOT / file).read_text("utf-8").splitlines()]
        assert {line for line in declared if line and not line.startswith("-r")} <= lines["python"]
    declared = [line.partition("#")[0].strip() for line in (ROOT / "bindep.txt").read_text("utf-8").splitlines()]
    assert {line for line in declared if line} <= lines["system"]
