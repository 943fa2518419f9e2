// Writes what the browser has to know into public.json, when the image is built.
import { writeFileSync } from 'node:fs';

const settings = {
  appUrl: process.env.NEXT_PUBLIC_APP_URL,
  runtimeUrl: process.env.NEXT_PUBLIC_RUNTIME_URL,
};
writeFileSync('public.json', JSON.stringify(settings) + '\n');
