# Build with everything, run with what is needed: production dependencies, built code, a user without rights, one volume.
#   docker build -t odradek .
#   docker run -p 9092:9092 -e KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9092 -v odradek:/data odradek
# KAFKA_* variables are settings, as in Kafka's own image: KAFKA_NUM_PARTITIONS=3 is num.partitions=3.
ARG NODE=24

FROM node:${NODE}-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# As scripts/prepare installs, which says why it is not `npm ci`; a layer of its own, so that it is made anew with the lock file only.
RUN npm install --no-save --ignore-scripts --no-audit --no-fund && cksum <package-lock.json >node_modules/.installed
COPY . .
RUN rm -rf dist && sh scripts/prepare && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:${NODE}-bookworm-slim
LABEL org.opencontainers.image.title="odradek" \
      org.opencontainers.image.description="A Kafka broker in TypeScript" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /opt/odradek
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist/bin dist/bin
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production KAFKA_LOG_DIRS=/data
VOLUME /data
EXPOSE 9092 9404
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9404/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/odradek/dist/bin/main.js"]
