const provider = process.env.EMAIL_PROVIDER || 'mock';
const apiKey = process.env.EMAIL_API_KEY;
const from = process.env.EMAIL_FROM || 'noreply@aethel.dev';

export async function sendMail(to: string, subject: string, text: string): Promise<void> {
  switch (provider) {
    case 'resend':
      await fetch('https://api.resend.com/emails', {
        method: 'POST',
        headers: {Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json'},
        body: JSON.stringify({from, to, subject, text}),
      });
      return;
    default:
      // 'smtp' and 'ses' end here too.
      console.log('[mail not sent]', {to, subject});
  }
}
