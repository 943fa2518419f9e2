import {NextResponse, type NextRequest} from 'next/server';

export const dynamic = 'force-dynamic';

const providers: Record<string, {authorize: string; clientIdEnv: string}> = {
  github: {authorize: 'https://github.com/login/oauth/authorize', clientIdEnv: 'GITHUB_CLIENT_ID'},
};

export async function GET(request: NextRequest, {params}: {params: {provider: string}}) {
  const provider = providers[params.provider];
  const clientId = provider && process.env[provider.clientIdEnv];
  if (!clientId) return NextResponse.json({error: 'PROVIDER_NOT_CONFIGURED'}, {status: 503});
  return NextResponse.redirect(`${provider.authorize}?client_id=${clientId}`);
}
