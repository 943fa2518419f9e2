import {NextResponse, type NextRequest} from 'next/server';
import {mkdir, writeFile} from 'fs/promises';
import {join} from 'path';
import {requireAuth} from '@/lib/auth-server';

export const dynamic = 'force-dynamic';

const directory = join(process.cwd(), 'public', 'uploads');

export async function POST(request: NextRequest) {
  requireAuth(request);
  const file = (await request.formData()).get('file') as File;
  await mkdir(directory, {recursive: true});
  await writeFile(join(directory, `${Date.now()}`), Buffer.from(await file.arrayBuffer()));
  return NextResponse.json({success: true});
}
