# Referent. `make demo` and `make test` do all their set-up themselves; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Everything downloaded, and everything built from downloads, lies in this one folder.
export REFERENT_CACHE ?= $(HOME)/.cache/referent
NATIVE := $(REFERENT_CACHE)/whisper/current
export C_INCLUDE_PATH := $(NATIVE)/include
export LIBRARY_PATH   := $(NATIVE)/lib
export CGO_ENABLED    := 1

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
MODULE  := github.com/referent/referent
# The stamp makes go relink when the native libraries change, and tells the user which build runs.
STAMP    = $(shell tr ' ' '+' 2>/dev/null < $(NATIVE)/STAMP)
LDFLAGS  = -X $(MODULE)/transcribe/whispercpp.buildStamp=$(STAMP) -X main.version=$(VERSION)
GO_BUILD = go build -trimpath -buildvcs=false -ldflags "$(LDFLAGS)"
GO_TEST  = go test -ldflags "$(LDFLAGS)" $(if $(RACE),-race)
# The tests that build the program for themselves (package e2e) build it as it is built here.
export E2E_LDFLAGS = $(LDFLAGS)
LLM     ?= 1.5b

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build weights ## Build, and run the main job on real speech and on a Norwegian meeting (AUDIO=path: your recording)
	@setup/demo.sh

.PHONY: test
# The race detector makes the real program five times slower, and e2e with it takes most of half an hour. So does it
# the tests that hold tens of thousands of statements against the gold, one after the other, those that write minutes
# again and again, those that ask every route as everybody, and those that draw thousands of steps, or go through every
# schema that was released, one after the other; where a program in ffmpeg's place is held to its limits, the detector alone exceeds them; where a
# browser is driven, it is the browser that takes the time; and packages in which nothing runs side by side have no races.
# CI runs the rest with it and these as people get them; RACE=all is for changes that touch both.
SINGLE = %/eval/minutes %/models/speakernet %/transcribe/speaker %/export %/export/pdf %/review %/correct %/summarize/evidence %/summarize/extract %/summarize/mask
ALONE = ^Test(Resume|EvalAllWithMinutes|InventionFalls|TruthStands|FalsifiedFalls|LongSitting|.*ByHand|CopyMinutes.*|PagesStandStill|LongTranscriptScrolls|WhatIsWrittenStays|SenderLosesNothing|PageSpeed|WhoMayDoWhat|TakesTooMuch|TakenOver|TooManyThreads|DepartmentsShareEvenly|UpgradeInTheMiddle)$$
# The longest come first, so that no core is idle at the end.
LONGEST = %/web %/transcribe %/pipeline %/summarize
PACKAGES = $(filter $(LONGEST),$(shell go list ./...)) $(filter-out $(LONGEST),$(shell go list ./...))
test: system-test assets s3-server build weights ## Bring what the tests need and run every test (RACE=1: packages with the race detector; RACE=all)
	$(GO_TEST) -timeout 60m $(if $(filter 1,$(RACE)),-skip '$(ALONE)') $(filter-out $(if $(filter 1,$(RACE)),%/e2e %/e2e/chaos $(SINGLE)),$(PACKAGES))
ifeq ($(RACE),1)
	go test -ldflags "$(LDFLAGS)" -timeout 60m ./web ./pipeline ./summarize ./transcribe/decode ./cmd/referent -run '$(ALONE)'
	go test -ldflags "$(LDFLAGS)" -timeout 60m $(filter $(SINGLE),$(PACKAGES))
	go test -p 1 -ldflags "$(LDFLAGS)" -timeout 60m ./e2e ./e2e/chaos
endif

.PHONY: chaos
chaos: system-test assets s3-server weights ## Kill, fill, cut and falsify while people work, and count what came out (FAILURES=, SEED=; needs root)
	go test ./e2e/chaos -count=1 -v -timeout 120m -args -failures $(or $(FAILURES),200) -seed $(or $(SEED),0)

.PHONY: soak
soak: MINUTES ?= 60
soak: system-test build weights ## Work for an hour, and see that memory, goroutines, files and connections stay (MINUTES=, KEEP=folder, HEAPS=1)
	$(GO_TEST) ./e2e -run '^TestSoak$$' -count=1 -v -timeout $$(($(MINUTES) + 60))m -args -soak $(MINUTES) $(if $(KEEP),-soak-keep $(abspath $(KEEP))) $(if $(HEAPS),-soak-heaps)

.PHONY: screenshots
screenshots: system-test assets native ## Take the pictures that README and docs show, by the browser tests
	@mkdir -p docs/screenshots
	$(GO_TEST) -count=1 ./web -run ByHand -documented $(CURDIR)/docs/screenshots

.PHONY: test-llm
test-llm: build weights ## Write the sample meeting's minutes through a real llama-server (LLM=1.5b or 270m)
	setup/test-llm.sh $(LLM)

.PHONY: eval
eval: build weights ## Measure word errors beside whisper-cli and between formats (needs ../shared/eval)
	@setup/eval.sh

.PHONY: bench
bench: build weights ## Measure speed beside whisper-cli and faster-whisper; writes docs/benchmarks.md (needs ../shared/eval; LONG=1)
	@setup/bench.sh $(if $(LONG),--long)

.PHONY: bench-load
bench-load: build ## 200 clients, 50 uploads of 200 MB, 1,000 recordings that wait (CLIENTS=, UPLOADS=, MEGABYTES=, QUEUED=, MEETINGS=; needs 12 GB in TMPDIR)
	$(GO_TEST) ./e2e -run '^TestLoad$$' -count=1 -v -timeout 60m -args -load \
	  -clients $(or $(CLIENTS),200) -uploads $(or $(UPLOADS),50) -megabytes $(or $(MEGABYTES),200) \
	  -queued $(or $(QUEUED),1000) -meetings $(or $(MEETINGS),10000) -asked $(or $(ASKED),150)

.PHONY: bench-scale
bench-scale: WORKERS ?= 1,2,4,8
bench-scale: build weights ## 1 to 8 workers with a recogniser that sleeps, then 100,000 meetings in SQLite (WORKERS=, PACE=, LONG=, RECORDINGS=, EACH=, MEETINGS=)
	$(GO_TEST) ./e2e -run '^TestScale$$' -count=1 -v -timeout 60m -args -scale \
	  -workers $(WORKERS) -pace $(or $(PACE),20ms) -long $(or $(LONG),10800) \
	  -recordings $(or $(RECORDINGS),50) -each $(or $(EACH),240)
	go test ./store/sqlite -run '^$$' -bench Large -benchtime 30x -timeout 60m -args -meetings $(or $(MEETINGS),100000)

.PHONY: bench-web
bench-web: system-test assets native ## Measure lists, searches and every page in a browser, with 10,000 meetings and 300,000 segments
	go test ./store/sqlite -run '^$$' -bench Large -benchtime 30x
	$(GO_TEST) ./web -run '^TestPageSpeed$$' -count=1 -v -timeout 30m -args -speed 10000

.PHONY: build
build: native ## Build bin/referent
	@mkdir -p bin
	@setup/assets.sh || echo "» bygger uten sidenes stiler og skript: sidene blir enkle (make assets)" >&2
	$(GO_BUILD) -o bin/referent ./cmd/referent

# The same program with whisper.cpp built for a graphics processor, as bin/referent-cuda or -vulkan.
.PHONY: build-cuda build-vulkan
build-cuda: system ## Build bin/referent-cuda for NVIDIA processors (CUDA_ARCHS=…)
build-vulkan: system ## Build bin/referent-vulkan for processors with a Vulkan driver
build-cuda build-vulkan: build-%:
	@mkdir -p bin
	@setup/assets.sh || echo "» bygger uten sidenes stiler og skript: sidene blir enkle (make assets)" >&2
	flags="$$(setup/gpu.sh $*)" && native=$(REFERENT_CACHE)/whisper/$* && \
	  CGO_LDFLAGS="-O2 -g $$flags" C_INCLUDE_PATH=$$native/include LIBRARY_PATH=$$native/lib \
	  go build -trimpath -buildvcs=false -o bin/referent-$* \
	    -ldflags "-X $(MODULE)/transcribe/whispercpp.buildStamp=$$(tr ' ' '+' < $$native/STAMP) -X main.version=$(VERSION)" ./cmd/referent

.PHONY: system
system: ## Install the system packages that building and running need (apt)
	@setup/system.sh

.PHONY: system-test
system-test: ## The same, and what only tests need (Chromium, LibreOffice, Poppler, PostgreSQL)
	@setup/system.sh --test

.PHONY: native
native: system ## Bring and build whisper.cpp (PORTABLE=1: for any x86-64 with AVX2)
	@setup/whisper.sh

.PHONY: assets
assets: system ## Bring the styles, font and scripts of the pages from npm, to be built into the program
	@setup/assets.sh

.PHONY: s3-server
s3-server: system ## Build the S3 server that the tests of object storage start
	@setup/versitygw.sh

.PHONY: weights
weights: build ## Bring the default weights: Whisper base, Silero VAD, the speaker networks, and what runs them
	@bin/referent models pull

.PHONY: lint
lint: native assets ## go vet, gofmt, staticcheck, shellcheck, and the types of our scripts
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./... && go vet -tags llm ./summarize/... && go vet -tags failpoints ./failpoint/... ./cmd/referent ./e2e/chaos
	go tool -modfile=tools/go.mod staticcheck ./...
	shellcheck -x -P SCRIPTDIR setup/*.sh .ci/run
	setup/types.sh

.PHONY: vuln
vuln: native ## Look for known vulnerabilities in what is linked
	setup/vuln.sh

.PHONY: sbom
sbom: build ## Write bin/referent.cdx.json, the bill of materials (CycloneDX), and hold it against its schema
	setup/sbom.sh bin/referent bin/referent.cdx.json

.PHONY: reproducible
reproducible: native ## Build twice, in two folders with empty caches, and hold the two programs against each other
	setup/assets.sh
	setup/reproducible.sh "$(LDFLAGS)"

.PHONY: fuzz
fuzz: native ## Fuzz every parser of foreign bytes (FUZZTIME=30s each)
	setup/fuzz.sh $(or $(FUZZTIME),30s)

.PHONY: pdf-check
pdf-check: ## Ask veraPDF whether what we write is PDF/A-2a and PDF/UA-1 (needs Java and Maven)
	setup/verapdf.sh

.PHONY: clean
clean: ## Remove what was built here; downloads stay in the cache
	rm -rf bin out
