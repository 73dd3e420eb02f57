# The two commands of the README are `make run` and `make test`; each does all of its own set-up.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8501
OUVRIERS ?= 2
export OBS_LAKE ?= ./data/lake
# What is imported is compiled once and kept: where the environment forbids it, each command compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: run dev test test-un mutants bench attaques check audit lock image clean help

help: ## Cette aide
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# A lock is whole and decides (one package of the tests asks for an older pyarrow): nothing is resolved again. Modules
# are compiled when they are imported: compiling them all is a quarter of the installation.
$(VENV)/.base: requirements.lock pyproject.toml
	@echo "Installation de l'environnement ($(VENV))…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-deps --no-compile --require-hashes -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.test: $(VENV)/.base requirements-test.lock
	@echo "Installation des outils de test…"
	@$(PIP) install --no-deps --no-compile --require-hashes -r requirements-test.lock
	@touch $@

run: $(VENV)/.base ## Construit le lac de démonstration s'il manque, puis sert la suite
	@$(BIN)/obs serve --demo --port $(PORT)

test: $(VENV)/.test ## Lance tous les tests
	@$(BIN)/python -m pytest -n $(OUVRIERS) --dist loadscope --no-loadscope-reorder

test-un: $(VENV)/.test ## Lance les tests d'un chemin ou d'un nom : make test-un T=tests/unit/test_selection.py
	@test -n "$(T)" || { echo "Dites lesquels : make test-un T=tests/unit/test_selection.py"; exit 2; }
	@$(BIN)/python -m pytest -q $(if $(wildcard $(firstword $(subst ::, ,$(T)))),$(T),-k "$(T)")

dev: $(VENV)/.test ## Sert la suite et la recharge quand un fichier enregistré change (pages, mesures, scoring)
	@$(BIN)/obs serve --demo --port $(PORT) --recharger

mutants: $(VENV)/.test ## Plante des fautes plausibles dans les pages et dit lesquelles les tests ne voient pas
	@$(BIN)/python -m tests.mutants

check: $(VENV)/.test ## Ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/.test ## Cherche les failles connues des dépendances (interroge un service extérieur)
	@test -x $(BIN)/pip-audit || $(PIP) install pip-audit==2.10.1
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.lock

bench: $(VENV)/.test ## Mesures côte à côte (plusieurs minutes)
	$(BIN)/python -m bench

attaques: $(VENV)/.test ## Mauvais jours : ingestions tuées, lacs abîmés… (plusieurs minutes)
	$(BIN)/python -m bench.attaques

lock: ## Recalcule les verrous (demande uv)
	uv pip compile -q pyproject.toml --extra demo --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-header -o requirements.lock
	uv pip compile -q pyproject.toml --extra demo --extra test --extra bench --extra spark -c requirements.lock --python-version 3.11 \
		--universal --generate-hashes --no-emit-index-url --no-header -o requirements-test.lock

# A builder that is installed and does not answer (docker without its service) leaves its place to the next one. The
# others are asked for docker's format: theirs has no HEALTHCHECK.
image: ## Construit l'image de conteneur (docker, podman ou buildah)
	@builder=; format=; for one in docker podman buildah; do $$one info >/dev/null 2>&1 && builder=$$one && break; done; \
	test -n "$$builder" || \
		{ echo "Aucun constructeur d'images ne répond ici : installez ou démarrez docker, podman ou buildah."; exit 2; }; \
	test $$builder = docker || format="--format docker"; \
	$$builder build $$format -f deploy/image/Containerfile -t observatoire-esante:$$(git rev-parse --short HEAD) \
		-t observatoire-esante:latest .

clean: ## Efface l'environnement et les données locales de démonstration
	rm -rf $(VENV) data
