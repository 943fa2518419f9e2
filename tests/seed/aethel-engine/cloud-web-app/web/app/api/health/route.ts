import {NextResponse} from 'next/server';
import {prisma} from '@/lib/db';

export const dynamic = 'force-dynamic';

export async function GET() {
  try {
    await prisma.$queryRaw`SELECT 1`;
    return NextResponse.json({status: 'healthy', services: {database: 'up'}});
  } catch {
    return NextResponse.json({status: 'unhealthy', services: {database: 'down'}}, {status: 503});
  }
}
