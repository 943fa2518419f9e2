import {NextResponse, type NextRequest} from 'next/server';
import {requireAuth} from '@/lib/auth-server';
import {prisma} from '@/lib/db';

export const dynamic = 'force-dynamic';

// The copies of a project.
export async function GET(request: NextRequest) {
  const user = requireAuth(request);
  const projectId = new URL(request.url).searchParams.get('projectId');
  if (!projectId) return NextResponse.json({success: false}, {status: 400});
  const project = await prisma.project.findFirst({where: {id: projectId, userId: user.userId}});
  if (!project) return NextResponse.json({success: false}, {status: 404});

  const backups: unknown[] = [];
  return NextResponse.json({success: true, projectId, backups});
}

// A new copy.
export async function POST(request: NextRequest) {
  const user = requireAuth(request);
  const {projectId, type = 'manual'} = await request.json();
  const project = await prisma.project.findFirst({
    where: {id: projectId, userId: user.userId},
    include: {files: true},
  });
  if (!project) return NextResponse.json({success: false}, {status: 404});

  const backup = {id: `backup_${Date.now()}`, projectId, type, filesCount: project.files.length};
  // TODO: put the files somewhere.
  await prisma.auditLog.create({data: {userId: user.userId, action: 'backup_create', resource: projectId}});
  return NextResponse.json({success: true, backup});
}
