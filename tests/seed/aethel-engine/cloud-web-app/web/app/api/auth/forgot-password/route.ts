import {NextResponse, type NextRequest} from 'next/server';
import {randomBytes} from 'crypto';
import {prisma} from '@/lib/db';
import {sendMail} from '@/lib/email-system';

export const dynamic = 'force-dynamic';

export async function POST(request: NextRequest) {
  const {email} = await request.json();
  const resetToken = randomBytes(32).toString('hex');
  await prisma.user.updateMany({where: {email}, data: {resetToken}});
  const origin = process.env.NEXT_PUBLIC_APP_URL || 'http://localhost:3000';
  await sendMail(email, 'Reset your password', `${origin}/reset-password?token=${resetToken}`);
  return NextResponse.json({success: true});
}
