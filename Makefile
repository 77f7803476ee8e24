# Homestore. `make help` lists what there is to do.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := bin/homestore
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help deps build run demo test soak mutation lint contract bench clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## install what is lacking (PostgreSQL, zbar, poppler); does nothing when all is there
	@.ci/deps

build: ## compile bin/homestore
	@go build -o $(BIN) ./cmd/homestore

run: deps build ## set everything up and run: private PostgreSQL, local FCM, demo brand
	@exec $(BIN) serve

demo: build ## play the whole journey against a running `make run`
	@$(BIN) demo

# Faults come last and alone: how long somebody waits is what they measure.
test: deps ## all tests, on a real PostgreSQL that it starts itself
	@go run ./migrations/postgrestest/withserver -- sh -c 'go test -timeout 20m $$(go list ./... | grep -v /faults$$) && go test -timeout 20m ./cmd/homestore/faults'

soak: deps ## the tests that draw what happens, drawn anew, for hours; CHECKS= how often each
	@go run ./migrations/postgrestest/withserver -- go test -count=1 -timeout 24h -p 1 \
		./clienteling/shop ./referral/plan ./referral/attribution ./referral/binding ./referral/ledger ./referral/period ./cmd/homestore \
		-run 'AddUp|Exceeds|Unreachable|Sequence|History|W3|L6|NoRequestBreaks' -rapid.seed=0 -rapid.checks=$(or $(CHECKS),10000)

mutation: deps ## change operators of the code that decides about money, and count what tests notice; PKG= plan, attribution or ledger
	@go run ./migrations/postgrestest/withserver -- .ci/mutation $(PKG)

lint: ## vet, house rules of style, formatting
	@go run $(GOLANGCI) run

contract: build ## check that mobile-contract is well-formed; that the code keeps it is a test
	@$(BIN) contract

bench: deps build ## measure against limits of the same run; FILE= an Online Retail file; writes cmd/homestore/operate/bench.md
	@$(BIN) bench all $(if $(FILE),--file $(FILE)) --report cmd/homestore/operate/bench.md

clean: ## remove the binary and the local data
	@if [ -e .data/postgres/lock ] && ! flock -n .data/postgres/lock true; then echo "Homestore runs on .data; stop it first"; exit 1; fi
	@rm -rf bin .data
