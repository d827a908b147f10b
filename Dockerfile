# The image holds the binary, its bill of materials (pluginyard.cdx.json), the
# certificate authorities and an empty data folder. It writes to /data and /tmp
# alone: docker run --read-only --tmpfs /tmp --cap-drop ALL works.
# Build: docker build -t pluginyard .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/pluginyard ./cmd/pluginyard && /out/pluginyard version --sbom >/out/pluginyard.cdx.json && mkdir -m 0700 /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/pluginyard /out/pluginyard.cdx.json /
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
# Within a container loopback is nobody's, and the volume is the only place to
# write to.
ENV PLUGINYARD_LISTEN=:8080 PLUGINYARD_DATA=/data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/pluginyard"]
CMD ["serve", "--config", "/etc/pluginyard/pluginyard.yaml"]
