# The commands that stay stable. Each does all the set-up it needs; a second time there is nothing to set up.
.DEFAULT_GOAL := help
.PHONY: help serve test soak check bench questions clips accuracy setup-replay screenshots lock format setup setup-test setup-bench crash guards image-again
UV = .venv/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

serve: setup ## set up all it needs, start the room with a demo session, print the links
	@exec .venv/bin/greenroom serve --demo

test: setup-test ## all tests, in real browsers and sandboxes
	cd labextension && ../.venv/bin/jlpm test
	.venv/bin/pytest

soak: setup-test ## 300 hostile jobs, 8 at once, on the runner
	GREENROOM_SOAK=300 .venv/bin/pytest tests/sandbox/test_runner_hostile.py -k together

check: setup ## lint, types, imports, formatting
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	cd labextension && ../.venv/bin/jlpm lint

bench: setup-bench ## measure beside stock servers, and write BENCHMARKS.md
	.venv/bin/greenroom bench --write BENCHMARKS.md

accuracy: setup-replay ## measure the camera's rules on varied clips and timelines, and write docs/accuracy.md
	.venv/bin/python tests/accuracy/measure.py

clips: setup-test ## the recorded clips through the browser's whole path, in real time: for a machine with nothing else to do
	.venv/bin/pytest tests/camera/clips.py

questions: setup-test ## solve every template under three seeds, and fail it by every wrong answer
	GREENROOM_ALL_QUESTIONS=1 .venv/bin/pytest tests/notebooks/test_questions.py

screenshots: setup-test ## hold an interview in Chromium and keep its pictures in docs/images
	GREENROOM_SCREENSHOTS=docs/images .venv/bin/pytest tests/e2e/test_interview.py

crash: setup-test ## 300 rounds of random faults with two writers and an observer, compared with the log
	cd tests && ../.venv/bin/python -m crash.rounds --rounds 300

image-again: setup-test ## make the image's layer of Debian a second time, and compare the two byte for byte
	.venv/bin/python kernel_sandbox/image/build.py --again

guards: setup-test ## break each named guard in a copy, and see its test fail
	.venv/bin/python tests/guards.py

format: setup ## put the code into the house's form
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	cd labextension && ../.venv/bin/jlpm format

lock: ## resolve the Python lock files anew
	$(UV) pyproject.toml --extra dev --extra hub --extra server --extra sandbox -o requirements.lock
	$(UV) pyproject.toml --extra replay -o proctor/replay.lock
	$(UV) kernel_sandbox/environments/default.in -o kernel_sandbox/environments/default.lock
	$(UV) hub/greenroom_hub/bench/peers/stock.in -o hub/greenroom_hub/bench/peers/stock.lock

setup:
	@python3 install.py run

setup-test:
	@python3 install.py test

setup-replay:
	@python3 install.py replay

setup-bench:
	@python3 install.py bench
