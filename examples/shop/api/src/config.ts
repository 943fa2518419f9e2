// Every variable that the API reads, in one place. The AWS SDK reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY by
// itself where they are set; in the cluster it finds the role of the pod.

function required(name: string, value: string | undefined): string {
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

export interface Config {
  port: number;
  publicUrl: string;
  databaseUrl: string;
  databasePoolSize: number;
  databaseCaFile: string | undefined;
  redisUrl: string | undefined;
  cacheTtlSeconds: number;
  bucket: string;
  region: string;
  storageEndpoint: string | undefined;
  orderSigningKey: string;
  drainSeconds: number;
}

export function readConfig(): Config {
  return {
    port: Number(process.env.PORT ?? 8080),
    publicUrl: required('PUBLIC_URL', process.env.PUBLIC_URL),
    databaseUrl: required('DATABASE_URL', process.env.DATABASE_URL),
    databasePoolSize: Number(process.env.DATABASE_POOL_SIZE ?? 10),
    // Amazon's certificates are not in Node's list: the image brings them as /etc/ssl/certs/rds.pem.
    databaseCaFile: process.env.DATABASE_CA_FILE,
    // Without a cache every read goes to the database.
    redisUrl: process.env.REDIS_URL,
    cacheTtlSeconds: Number(process.env.CACHE_TTL_SECONDS ?? 60),
    bucket: required('S3_BUCKET', process.env.S3_BUCKET),
    region: required('AWS_REGION', process.env.AWS_REGION),
    storageEndpoint: process.env.S3_ENDPOINT || undefined,
    orderSigningKey: required('ORDER_SIGNING_KEY', process.env.ORDER_SIGNING_KEY),
    drainSeconds: Number(process.env.DRAIN_SECONDS ?? 5),
  };
}
