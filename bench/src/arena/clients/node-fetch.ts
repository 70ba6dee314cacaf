// Imported by the clients that send with Node's own `fetch`. Node loads that with its first use, which would count as
// the client's time, while the transports that others bring along are loaded with them, before the start.
new Response();
