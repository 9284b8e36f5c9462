# The gateway in a container: docker build -t webex-gateway . && docker run --ulimit core=0 -p 4000:4000 -v gateway-data:/data webex-gateway
# Without DATABASE_URL everything is in /data: give it a volume with -v, or it is gone with the container.
# The limit keeps the memory of a crashed process, with its secrets, off the disk.
# To pin the base image, put the digest behind its tag in both lines: FROM node:24.21.0-slim@sha256:… The command
# docker buildx imagetools inspect node:24.21.0-slim prints it.
FROM node:24.21.0-slim AS dependencies
WORKDIR /gateway
COPY package.json package-lock.json .npmrc ./
# The image brings its own Node 24, so the optional packages that carry one stay out.
RUN npm ci --omit=dev --omit=optional

FROM node:24.21.0-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /gateway
COPY --from=dependencies /gateway/node_modules node_modules
COPY package.json LICENSE ./
COPY scripts scripts
COPY src src
COPY examples/queries examples/queries
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# No shell and no npm in between, so that SIGTERM reaches the gateway, which then finishes what runs.
# V8 compiles the embedded database's WebAssembly once, simply and at once, and has room for young objects.
# Nobody opens a debugger in it by a signal, and what Node reports of a crash holds no variables, where secrets are.
CMD ["node", "--liftoff-only", "--min-semi-space-size=16", "--disable-sigusr1", "--report-exclude-env", "src/server.ts"]
