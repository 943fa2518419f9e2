'use client';

export function connect(): WebSocket {
  return new WebSocket(process.env.NEXT_PUBLIC_WS_URL || 'ws://localhost:3001/collaboration');
}
