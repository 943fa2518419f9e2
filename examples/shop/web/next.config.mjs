import { fileURLToPath } from 'node:url';

/** @type {import('next').NextConfig} */
export default {
  output: 'standalone', // the Dockerfile copies .next/standalone and starts its server.js
  outputFileTracingRoot: fileURLToPath(new URL('.', import.meta.url)),
  serverExternalPackages: ['prom-client'],
  poweredByHeader: false,
};
