.PHONY: build test race lint bench fuzz ci image

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin/automl ./cmd/automl

# An OCI archive without any container engine; the same commit gives the same bytes.
image: build
	cd tools/image && go run . -binary ../../bin/automl -o ../../bin/automl-oci.tar -arch $$(go env GOARCH) \
		-version $$(../../bin/automl version | sed 's/^automl \([^,]*\),.*/\1/') -revision $$(git rev-parse HEAD 2>/dev/null || echo unknown)

test:
	go test ./...

race:
	GORACE=atexit_sleep_ms=50 go test -race -short ./...

lint:
	@test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...

bench:
	go test -run '^$$' -bench . ./...

fuzz:
	for f in FuzzCSV FuzzCSVAgainstEncodingCSV FuzzARFF FuzzParquet FuzzSchema; do \
		go test ./dataset -run '^$$' -fuzz "^$$f\$$" -fuzztime 30s -fuzzminimizetime 20x || exit 1; done
	go test ./serve/data -run '^$$' -fuzz '^FuzzFilter$$' -fuzztime 30s -fuzzminimizetime 20x
	for f in FuzzDecode FuzzDecodeBody; do \
		go test . -run '^$$' -fuzz "^$$f\$$" -fuzztime 30s -fuzzminimizetime 20x || exit 1; done

ci:
	bash .ci/run
