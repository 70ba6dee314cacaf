/** Cloudflare's page for a banned address. */
export const BAN_PAGE = htmlPage(
  'Access denied | discord.com used Cloudflare to restrict access',
  '<h1>Error 1015</h1><p>You are being rate limited.</p>',
);

/** The page of a gateway in front of Discord that gets no response. */
export function gatewayPage(status: number, reason: string): string {
  const title = `${status} ${reason}`;
  return htmlPage(title, `<center><h1>${title}</h1></center><hr><center>cloudflare</center>`);
}

function htmlPage(title: string, content: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body>${content}</body></html>\n`;
}
