# The algorithm container of the Medical Informatics Platform: one static binary and nothing else. It runs as any user, on
# a read-only root file system, and is told what to do by environment variables; see `automl job --help`.
ARG GO_IMAGE=docker.io/library/golang:1.26
FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/automl ./cmd/automl \
    && mkdir -m 0777 /out/docker-volume && mkdir -m 1777 /out/tmp

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="automl" \
      org.opencontainers.image.description="Finds the best machine-learning pipeline for patients' features" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/lren-chuv/automl" \
      org.label-schema.schema-version="1.0" \
      org.label-schema.name="automl" \
      org.label-schema.description="Finds the best machine-learning pipeline for patients' features" \
      org.label-schema.version="${VERSION}" \
      org.label-schema.vcs-type="git" \
      org.label-schema.vcs-url="https://github.com/lren-chuv/automl" \
      org.label-schema.vcs-ref="${REVISION}" \
      org.label-schema.build-date="${CREATED}" \
      org.label-schema.vendor="LREN CHUV" \
      org.label-schema.license="Apache-2.0" \
      org.label-schema.docker.dockerfile="Dockerfile" \
      org.label-schema.memory-hint="512"
COPY --from=build /out/ /
USER 65532:65532
ENV FUNCTION=automl DOCKER_IMAGE=hbpmip/automl:${VERSION}
VOLUME /docker-volume
ENTRYPOINT ["/automl", "job"]
CMD ["compute"]
