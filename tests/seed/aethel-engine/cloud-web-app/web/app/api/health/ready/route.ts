import {NextResponse} from 'next/server';
import {prisma} from '@/lib/db';

export const dynamic = 'force-dynamic';

export async function GET() {
  const checks = {database: false};
  try {
    await prisma.$queryRaw`SELECT 1`;
    checks.database = true;
  } catch (error) {
    console.error('database', error);
  }
  const ready = checks.database;
  return NextResponse.json({status: ready ? 'ready' : 'not_ready', checks}, {status: ready ? 200 : 503});
}
