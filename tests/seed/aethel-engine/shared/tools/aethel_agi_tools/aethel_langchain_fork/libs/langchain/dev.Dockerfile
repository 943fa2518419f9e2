FROM python:3.11-slim-bookworm
WORKDIR /workspaces
COPY . .
