# The service alone; the database is another container, so the embedded Postgres stays out.
FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The package `node`, which brings Node 24 to older installations, is not needed here: its script is not run.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force
COPY data ./data
COPY migrations ./migrations
COPY examples ./examples
COPY openapi ./openapi
COPY src ./src
USER node
ENV HOST=0.0.0.0 PORT=3000 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_ARENA_MAX=2
EXPOSE 3000
# Not through npm: signals reach the service itself. How memory is taken and given back is as with `npm start`.
CMD ["node", "--max-semi-space-size=8", "src/main.ts"]
