import { readFileSync } from 'node:fs';
import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { createClient } from 'redis';
import type { Config } from './config.js';
import { log } from './log.js';

/** What the routes need of PostgreSQL, the cache and the object store; tests give their own. */
export interface Database {
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
}
export interface Cache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, seconds: number): Promise<void>;
  check(): Promise<void>;
}
export interface Storage {
  put(key: string, body: Buffer, type: string): Promise<void>;
  check(): Promise<void>;
}

type Connection = Pick<Config, 'databaseUrl' | 'databasePoolSize' | 'databaseCaFile'>;

export function openDatabase(config: Connection): pg.Pool {
  const pool = new pg.Pool({
    connectionString: config.databaseUrl,
    max: config.databasePoolSize,
    connectionTimeoutMillis: 2000,
    statement_timeout: 5000,
    ...(config.databaseCaFile ? { ssl: { ca: readFileSync(config.databaseCaFile, 'utf8') } } : {}),
  });
  pool.on('error', (error) => log('warn', 'lost an idle database connection', { error: error.message }));
  return pool;
}

export async function openCache(config: Config): Promise<(Cache & { close(): void }) | undefined> {
  if (!config.redisUrl) return undefined;
  const client = createClient({ url: config.redisUrl, disableOfflineQueue: true, socket: { connectTimeout: 1000 } });
  client.on('error', (error: Error) => log('warn', 'the cache does not answer', { error: error.message }));
  client.connect().catch(() => {}); // it goes on trying; until then every look-up is an error, and the database answers
  return {
    get: (key) => client.get(key) as Promise<string | null>,
    set: async (key, value, seconds) => {
      await client.set(key, value, { EX: seconds });
    },
    check: async () => {
      await client.ping();
    },
    close: () => client.destroy(),
  };
}

export function openStorage(config: Config): Storage {
  const client = new S3Client({
    region: config.region,
    ...(config.storageEndpoint ? { endpoint: config.storageEndpoint, forcePathStyle: true } : {}),
  });
  return {
    put: async (key, body, type) => {
      await client.send(new PutObjectCommand({ Bucket: config.bucket, Key: key, Body: body, ContentType: type }));
    },
    check: async () => {
      await client.send(new HeadBucketCommand({ Bucket: config.bucket }));
    },
  };
}
