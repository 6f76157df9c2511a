# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make demo` shows what the collection does, `make test` runs every gate. All else is a part of these two: see `make help`.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Another Python, beside the first: make test PYTHON=python3.13 VENV=.venv-3.13 BUILD=build/3.13
# Another ansible-core, which is the newest of 2.18 here: make unit integration CORE=2.18 VENV=.venv-2.18 BUILD=build/2.18
# Debian builds its own with all optimizations, and everything takes a fifth less time with it: where it is new enough and whole.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/python3 || echo python3)
PYTHON := $(PYTHON)
CORE ?=
VENV ?= .venv
BUILD ?= build
SCENARIO ?= contoso
PYTEST_ARGS ?=
# Most integration tests wait for processes that they have started: one more than there are processors keeps all busy.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
UNIT ?= tests/unit
TESTS ?= tests/lab tests/integration
FILES ?=
BASELINE ?=

PINNED := $(CORE:%=ansible-core~=%.0)
override VENV := $(abspath $(VENV))
override BUILD := $(abspath $(BUILD))
# A real directory in the layout that Ansible's tools insist on, kept equal to the working tree.
CHECKOUT := $(BUILD)/checkout/ansible_collections/configmgr/tenant_attach
ARCHIVE := $(BUILD)/configmgr-tenant_attach-$(shell sed -n 's/^version: *//p' galaxy.yml).tar.gz
# A second one, in which the release notes are tried out.
NOTES := $(BUILD)/notes/ansible_collections/configmgr/tenant_attach
TOOLS := tests/tools

# What is installed is what is run: only the tools that need a checkout look at one.
export PATH := $(VENV)/bin:$(PATH)
export ANSIBLE_COLLECTIONS_PATH := $(BUILD)/collections
export ANSIBLE_HOME := $(BUILD)/ansible
EDA_IGNORE := D100,D104,INP001,FA102,UP001,UP010,I001,FA100,PLR0913,E501,D203,D213
IN_CHECKOUT := cd $(CHECKOUT) && ANSIBLE_COLLECTIONS_PATH=$(BUILD)/checkout

LINTERS := ansible-lint yamllint ruff mypy changelog importer
# Side by side, in this order: what takes long first, so that the last does not run alone for long.
GATES := integration sanity oldest unit ansible-lint importer docs mypy demo changelog ruff yamllint
# The least that meta/runtime.yml allows.
OLDEST := $(shell sed -nE 's/^requires_ansible: ">=([0-9]+\.[0-9]+).*/\1/p' meta/runtime.yml)

.PHONY: help clean
help: ## Say what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

clean: ## Remove everything that was made
	rm -rf $(VENV) $(BUILD)

## Parts that others need

.PHONY: FORCE venv venv-oldest venv-sanity collection mitmproxy bundle packages
FORCE:

venv: $(VENV)/.tests ## Make .venv with everything that the gates run
$(VENV)/.runtime: requirements.txt requirements-controller.txt tests/lab/requirements.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	pip install --quiet --disable-pip-version-check $(^:%=-r %) $(PINNED)
	touch $@
$(VENV)/.tests: tests/requirements.txt requirements-directory.txt requirements-kerberos.txt $(VENV)/.runtime
	pip install --quiet --disable-pip-version-check -r $< -r requirements-directory.txt $(PINNED)
	touch $@

# While gates run side by side, FROZEN is set: all of them see what was there when they began.
$(BUILD)/checkout.stamp: $(if $(FROZEN),,FORCE)
	@$(PYTHON) $(TOOLS)/checkout.py $(CHECKOUT) --stamp $@

collection: $(BUILD)/collections.stamp ## Build the archive and install it under build/collections
$(ARCHIVE): $(BUILD)/checkout.stamp | $(VENV)/.runtime
	ansible-galaxy collection build $(CHECKOUT) --output-path $(BUILD) --force
$(BUILD)/collections.stamp: $(ARCHIVE)
	rm -rf $(ANSIBLE_COLLECTIONS_PATH)
	ansible-galaxy collection install $< --offline --no-deps --collections-path $(ANSIBLE_COLLECTIONS_PATH)
	touch $@

mitmproxy: $(BUILD)/mitmproxy/.ready
$(BUILD)/mitmproxy/.ready: tests/testbed/requirements.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# Collections of others that the tests run with, as PyPI has them: of the bundle `ansible`, nothing else is unpacked.
BUNDLED := ansible/windows awx/awx microsoft/ad
bundle: $(BUILD)/bundle/.ready
$(BUILD)/bundle/.ready: tests/bundle.txt
	rm -rf $(@D)
	pip download --quiet --disable-pip-version-check --no-deps --dest $(@D) -r $<
	$(PYTHON) -m zipfile -e $(@D)/ansible-*.whl $(@D)/all
	mkdir -p $(BUNDLED:%=$(@D)/ansible_collections/%)
	$(foreach each,$(BUNDLED),cp -R $(@D)/all/ansible_collections/$(each)/. $(@D)/ansible_collections/$(each) &&) true
	rm -rf $(@D)/all $(@D)/ansible-*.whl
	touch $@

# It has a checkout and an archive of its own: that an older ansible-galaxy builds and installs it is part of what is tested.
AS_OLDEST = CORE=$(OLDEST) VENV=$(VENV)-oldest BUILD=$(BUILD)/oldest FROZEN=
venv-oldest:
	+$(MAKE) venv $(AS_OLDEST)

venv-sanity: $(VENV)/.tests $(BUILD)/checkout.stamp
	python $(TOOLS)/sanity.py --home $(BUILD)/sanity $(CHECKOUT) -- --prime-venvs

packages:
	$(TOOLS)/packages.sh tests/packages.txt

## Gates

.PHONY: test lint check $(GATES) prerequisites interface bench
RUN_GATES := PYTHONPATH=tests $(PYTHON) -m tools.gates
INSTALLED := venv venv-oldest venv-sanity mitmproxy bundle collection
test: packages ## Run every gate, and say at the end which passed, and where the time went; BASELINE=times.json of an earlier run
	+$(RUN_GATES) --jobs 2 --times $(BUILD)/times.json $(BASELINE:%=--baseline %) --first $(INSTALLED) -- $(GATES)

lint: ## Run the linters, and say at the end which passed
	+$(RUN_GATES) $(LINTERS)

check: $(VENV)/.tests $(BUILD)/checkout.stamp ## Check in two minutes what changed, or FILES="a b c"
	+PYTHONPATH=tests python -m tools.check --checkout $(CHECKOUT) $(FILES)

ansible-lint: $(VENV)/.tests $(BUILD)/checkout.stamp
	$(IN_CHECKOUT) ansible-lint --nocolor

yamllint: $(VENV)/.tests
	yamllint --strict .

ruff: $(VENV)/.tests
	ruff check
	ruff format --check
	@# As galaxy-importer has it for event sources.
	ruff check --isolated --line-length 120 --select ALL --ignore $(EDA_IGNORE) extensions/eda/plugins

mypy: $(VENV)/.tests $(BUILD)/checkout.stamp
	$(IN_CHECKOUT) MYPYPATH=$(BUILD)/checkout:tests \
		mypy --package ansible_collections.configmgr.tenant_attach.plugins --package lab --package testbed --package tools \
			--package ansible_collections.configmgr.tenant_attach.extensions

changelog: $(VENV)/.tests
	@$(PYTHON) $(TOOLS)/checkout.py $(NOTES) --stamp $(BUILD)/notes.stamp
	cd $(NOTES) && antsibull-changelog lint && antsibull-changelog release
	mv $(NOTES)/CHANGELOG.md $(BUILD)/notes

importer: $(VENV)/.tests $(ARCHIVE)
	$(TOOLS)/importer.sh $(ARCHIVE) $(BUILD)/importer

docs: $(VENV)/.tests $(BUILD)/checkout.stamp $(BUILD)/collections.stamp ## Check the documentation, and build it under build/docs
	$(TOOLS)/docs.sh $(CHECKOUT) $(BUILD)/docs

prerequisites: $(VENV)/.runtime $(BUILD)/checkout.stamp ## Write docs/prerequisites.md from the catalogue
	PYTHONPATH=$(BUILD)/checkout python $(TOOLS)/prerequisites.py docs/prerequisites.md

interface: $(VENV)/.runtime ## Write docs/interface.md from the documentation of plugins and roles
	python $(TOOLS)/interface.py . docs/interface.md

sanity: $(VENV)/.tests $(BUILD)/checkout.stamp ## Run ansible-test sanity
	python $(TOOLS)/sanity.py $(CHECKOUT) --home $(BUILD)/sanity

unit: $(VENV)/.tests $(BUILD)/checkout.stamp ## Run the unit tests with branch coverage
	$(IN_CHECKOUT) PYTHONPATH=$(BUILD)/checkout pytest $(UNIT) --numprocesses auto --cov \
		--junitxml $(BUILD)/results/unit.xml $(PYTEST_ARGS)

integration: $(VENV)/.tests $(BUILD)/collections.stamp $(BUILD)/mitmproxy/.ready $(BUILD)/bundle/.ready ## Run the playbooks, as installed, against the lab
	PYTHONPATH=$(CURDIR)/tests MITMDUMP=$(BUILD)/mitmproxy/bin/mitmdump pytest $(TESTS) \
		--numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder --junitxml $(BUILD)/results/integration.xml $(PYTEST_ARGS)

# Rooms that ansible-core does not reach, which tests/unit/test_contract.py keeps so: to them, another one is no other.
WITHOUT_ANSIBLE := $(addprefix module_utils/,https kerberos network product) $(addprefix plugin_utils/,documents judge remember show)
# What releases of ansible-core differ in: options, warnings, and the shells of Windows hosts.
oldest: $(BUILD)/mitmproxy/.ready $(BUILD)/bundle/.ready ## Run the unit tests and some playbooks with the oldest ansible-core
	+$(MAKE) unit $(AS_OLDEST) PYTEST_ARGS="--no-cov $(WITHOUT_ANSIBLE:%=--ignore=tests/unit/plugins/%)"
	mkdir -p $(BUILD)/oldest && ln -sfn $(BUILD)/mitmproxy $(BUILD)/bundle $(BUILD)/oldest
	+$(MAKE) integration $(AS_OLDEST) PYTEST_ARGS="-k 'test_modules or bypass_list or constructed'"

bench: $(VENV)/.tests $(BUILD)/collections.stamp ## Measure
	PYTHONPATH=$(CURDIR)/tests:$(ANSIBLE_COLLECTIONS_PATH) pytest tests/benchmarks --capture no $(PYTEST_ARGS)

## Shows

.PHONY: lab demo pictures
lab: $(VENV)/.runtime ## Run the lab in the foreground: SCENARIO=name PORT=number
	PYTHONPATH=tests python -m lab --scenario $(SCENARIO) --state-dir $(BUILD)/lab $(if $(PORT),--port $(PORT))

demo: $(VENV)/.runtime $(BUILD)/collections.stamp ## Judge an estate of the lab's: SCENARIO=name
	$(TOOLS)/demo.sh $(BUILD)/demo $(SCENARIO)

pictures: demo $(VENV)/.tests ## Draw the README's pictures, of what the demonstration left
	PYTHONPATH=$(ANSIBLE_COLLECTIONS_PATH) python $(TOOLS)/picture.py $(BUILD)/demo/readiness.json docs/images
