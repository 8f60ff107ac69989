.PHONY: build test race lint bench ci

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/automl ./cmd/automl

test:
	go test ./...

race:
	go test -race -short ./...

lint:
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...

bench:
	go test -run '^$$' -bench . ./...

ci:
	bash .ci/run
