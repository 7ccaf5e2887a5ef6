# syntax=docker/dockerfile:1

# Pin what you deploy by digest: docker buildx imagetools inspect node:26-slim prints it, then
#   docker build --build-arg NODE=node:26-slim@sha256:… .
ARG NODE=node:26-slim

FROM ${NODE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No install script runs: what is native comes prebuilt inside the packages.
RUN npm ci --omit=dev --ignore-scripts --workspaces=false --no-audit --no-fund

FROM ${NODE}
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    # Password hashes take up to HASH_CONCURRENCY (the number of cores) of libuv's threads, and
    # DNS, files and signatures need some beside them: at least cores + 4.
    UV_THREADPOOL_SIZE=16
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY drizzle ./drizzle
# By number, so that an orchestrator can see that it is not root. Nothing below /app is writable to
# it, and nothing needs to be: run it with a read-only root.
USER 65532:65532
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The drain takes 10 s at most: give it that (stop_grace_period, terminationGracePeriodSeconds).
STOPSIGNAL SIGTERM
CMD ["node", "src/main.ts"]
