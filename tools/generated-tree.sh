#!/bin/sh
# A repository of COUNT files in FOLDER, the same bytes on every run: packages of a hundred files, most of
# them source that nothing claims, with a compose project, env files, a Dockerfile and a script each.
set -eu
count=$1
folder=$2
packages=$(((count + 99) / 100))

awk -v n="$packages" -v root="$folder" 'BEGIN {
  for (i = 0; i < n; i++)
    printf "%s/group%d/package%d/src%c%s/group%d/package%d/deploy%c", root, i / 100, i, 0, root, i / 100, i, 0
}' | xargs -0 mkdir -p

awk -v n="$packages" -v count="$count" -v root="$folder" '
function put(path, text) {
  if (made++ >= count) exit
  printf "%s", text > path
  close(path)
}
BEGIN {
  for (i = 0; i < n; i++) {
    base = root "/group" int(i / 100) "/package" i
    put(base "/compose.yaml", "services:\n  web:\n    build: .\n    env_file: .env.example\n    ports: [\"" (10000 + i) ":3000\"]\n" \
      "    depends_on: [db, cache]\n    volumes:\n      - ./deploy/nginx.conf:/etc/nginx/nginx.conf:ro\n" \
      "    environment:\n      DATABASE_URL: postgres://app:${DB_PASSWORD:?}@db:5432/app\n" \
      "  db:\n    image: postgres:18\n    volumes: [data:/var/lib/postgresql]\n    environment:\n      POSTGRES_PASSWORD: ${DB_PASSWORD:?}\n" \
      "  cache:\n    image: valkey/valkey:8\nvolumes:\n  data:\n")
    put(base "/compose.prod.yaml", "services:\n  web:\n    restart: always\n    volumes:\n      - ./deploy/missing.pem:/etc/ssl/tls.pem:ro\n")
    put(base "/.env.example", "DB_PASSWORD=\nLOG_LEVEL=info\nPUBLIC_URL=https://package" i ".example\n")
    put(base "/Dockerfile", "FROM node:24 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node:24-slim\nCOPY --from=build /app /app\nCMD [\"node\", \"src/0.js\"]\n")
    put(base "/deploy/up.sh", "#!/bin/sh\nset -e\ncd \"$(dirname \"$0\")/..\"\ndocker compose -f compose.yaml -f compose.prod.yaml up -d\n")
    put(base "/deploy/nginx.conf", "events {}\nhttp { server { listen 80; } }\n")
    put(base "/package.json", "{\"name\": \"package" i "\", \"scripts\": {\"start\": \"node src/0.js\", \"up\": \"docker compose up\"}}\n")
    put(base "/README.md", "# Package " i "\n\nStart it with `docker compose up`.\n")
    for (j = 0; j < 92; j++) put(base "/src/" j ".js", "export const answer" j " = " i * 100 + j ";\n")
  }
}'
