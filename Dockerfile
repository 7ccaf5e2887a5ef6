# syntax=docker/dockerfile:1

# With Docker:            docker build --build-arg REVISION="$(git rev-parse HEAD)" --tag latchkey .
# With podman or buildah: the same, and --format docker: OCI's format has no health check.
#
# Pin what you deploy by digest: docker buildx imagetools inspect docker.io/library/node:26-slim prints
# it, then
#   docker build --build-arg NODE=docker.io/library/node:26-slim@sha256:… .
# The name is complete, because builders other than Docker's do not assume a registry.
ARG NODE=docker.io/library/node:26-slim

FROM ${NODE} AS build
# argon2 is compiled here: a verification takes half the time of the prebuilt binary's (ADR-0006).
RUN apt-get update && apt-get install --yes --no-install-recommends g++ make python3
WORKDIR /app
COPY package.json package-lock.json ./
# No install script runs.
RUN npm ci --ignore-scripts --workspaces=false --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY drizzle ./drizzle
COPY docs/operating/database-role.sql ./docs/operating/
# Vector instructions of 2015 (AVX2) on x86-64; on a processor without them the prebuilt binary is used.
RUN npm run build:argon2 -- image
# The image contains no repository, so pass the revision: docker build --build-arg REVISION="$(git rev-parse HEAD)" .
ARG REVISION=""
# The compile cache is made for the user that the server runs as.
RUN npm run build -- --user 65532 --revision "$REVISION"

FROM ${NODE}
# glibc keeps an arena for each thread, and every arena in which a hash ran keeps 19 MiB. Use one arena for all
# threads (ADR-0022).
ENV NODE_ENV=production \
    HOST=:: \
    MALLOC_ARENA_MAX=1
WORKDIR /app
# The bundle, its migrations and argon2: no package manager's tree, no sources.
COPY --from=build /app/dist ./dist
# By number, so that an orchestrator can see that the user is not root. The user can write nothing below /app and does
# not need to: run the container with a read-only root.
USER 65532:65532
EXPOSE 4000
# IPv4 or IPv6, as the container has.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "dist/cli.mjs", "health"]
# Last, because they differ from build to build. The names are those of OCI's image annotations.
ARG VERSION="0.1.0"
ARG REVISION=""
LABEL org.opencontainers.image.title="Latchkey" \
      org.opencontainers.image.description="A self-hosted, GraphQL-native authentication server." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/node:26-slim"
# Draining takes at most 10 s: allow that (stop_grace_period, terminationGracePeriodSeconds).
STOPSIGNAL SIGTERM
# A small young generation, and no pretenuring (ADR-0024).
CMD ["node", "--max-semi-space-size=8", "--no-allocation-site-pretenuring", "dist/main.mjs"]
